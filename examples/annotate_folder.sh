#!/usr/bin/env bash
# Annotate every video of a folder, and collect the results.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: annotate_folder.sh [-p PIPELINES] [-o RESULTS] FOLDER

Submits every video in FOLDER and below it to a VideoAnnotator service, waits for all of them, and writes the results
of a/b.mp4 into RESULTS/a/b.mp4/. The jobs go on when this script is stopped. Run again, it takes only the videos whose
results are not complete.

  -p PIPELINES   names, separated by commas (default: person,face,scene,audio)
  -o RESULTS     folder for the results (default: ./results)
  -h             show this text

The service and the token are those of VIDEOANNOTATOR_SERVER and VIDEOANNOTATOR_TOKEN.
Exit code: 0 if every video was annotated, 1 if one was not, 2 if the command is wrong.
TEXT
}

fail() { printf '%s\n' "$1" >&2; exit 2; }

pipelines=person,face,scene,audio
results=results
while getopts p:o:h option; do
  case $option in
    p) pipelines=$OPTARG ;;
    o) results=$OPTARG ;;
    h) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || { usage >&2; exit 2; }
folder=${1%/}
[ -d "$folder" ] || fail "$1 is not a folder."
command -v videoannotator >/dev/null || fail "The command videoannotator is not on the PATH."

# Names may hold spaces, quotes and line breaks: only NUL separates them for sure.
videos=()
while IFS= read -r -d '' video; do
  videos+=("$video")
done < <(find "$folder" -type f \( -iname '*.mp4' -o -iname '*.mov' -o -iname '*.m4v' -o -iname '*.mkv' -o -iname '*.webm' \
  -o -iname '*.avi' -o -iname '*.mts' -o -iname '*.m2ts' -o -iname '*.ts' -o -iname '*.mpg' -o -iname '*.mpeg' \) -print0 | sort -z)
[ ${#videos[@]} -gt 0 ] || fail "There is no video in $folder."

failed=()
jobs=()       # the id of each job ...
of_job=()     # ... and its video
for video in "${videos[@]}"; do
  target="$results/${video#"$folder"/}"
  if [ -e "$target/.complete" ]; then
    printf 'done before: %q\n' "$video"
  elif job=$(videoannotator submit "$video" -p "$pipelines"); then
    jobs+=("$job")
    of_job+=("$video")
    printf 'job %s: %q\n' "$job" "$video"
  else
    failed+=("$video")
  fi
done

for index in "${!jobs[@]}"; do
  video=${of_job[index]}
  target="$results/${video#"$folder"/}"
  mkdir -p "$target"
  if videoannotator watch "${jobs[index]}" --output "$target"; then
    touch "$target/.complete"
  else
    failed+=("$video")
  fi
done

printf '%s of %s videos are annotated; the results are in %q.\n' "$((${#videos[@]} - ${#failed[@]}))" "${#videos[@]}" "$results"
[ ${#failed[@]} -eq 0 ] || { printf 'not annotated: %q\n' "${failed[@]}" >&2; exit 1; }
