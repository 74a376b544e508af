#!/usr/bin/env Rscript
# How long, and how often, each speaker speaks: a table from the results of one or many recordings. Base R only.

usage <- "Usage: Rscript speaking_time.R FOLDER [TABLE.csv]

Reads every *_turns.csv in FOLDER and below it, as speaker_diarization and audio_processing write them, and prints a row
for each recording and speaker; TABLE.csv gets the same table.
"

arguments <- commandArgs(trailingOnly = TRUE)
if (!length(arguments) %in% 1:2 || arguments[1] %in% c("-h", "--help")) {
  cat(usage, file = if (identical(arguments[1], "--help") || identical(arguments[1], "-h")) stdout() else stderr())
  quit(status = if (length(arguments) == 0) 2 else 0)
}

files <- list.files(arguments[1], pattern = "_turns\\.csv$", recursive = TRUE, full.names = TRUE)
if (length(files) == 0) {
  cat("There is no *_turns.csv in ", arguments[1], ".\n", sep = "", file = stderr())
  quit(status = 1)
}

one_recording <- function(file) {
  turns <- read.csv(file, colClasses = c(speaker = "character"))
  if (nrow(turns) == 0) return(NULL) # no one speaks
  seconds <- tapply(turns$duration, turns$speaker, sum)
  data.frame(
    recording = sub("_(audio_processing|speaker_diarization)_turns\\.csv$", "", basename(file)),
    speaker = names(seconds),
    turns = as.vector(table(turns$speaker)[names(seconds)]),
    seconds = round(as.vector(seconds), 2),
    share = round(as.vector(seconds) / sum(seconds), 3),
    longest_turn = round(as.vector(tapply(turns$duration, turns$speaker, max)), 2),
    row.names = NULL
  )
}

rows <- do.call(rbind, lapply(files, one_recording))
if (is.null(rows)) {
  cat("No one speaks in these recordings.\n")
  quit(status = 0)
}
print(rows, row.names = FALSE)
if (length(arguments) == 2) write.csv(rows, arguments[2], row.names = FALSE)
