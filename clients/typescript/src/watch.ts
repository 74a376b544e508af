import type { Client } from "@connectrpc/connect";

import { VideoAnnotatorError, failure } from "./errors.js";
import type { Init } from "./services.js";
import type { JobEvent, JobService, SubmitJobRequestSchema } from "./gen/videoannotator/v1/jobs_pb.js";
import type { Job } from "./gen/videoannotator/v1/types_pb.js";
import { isPassing, persistently, sleep } from "./patience.js";

export interface WatchOptions {
  signal?: AbortSignal;
  /** Resume an earlier watch: send what happened after this sequence. */
  afterSequence?: bigint;
  /** Told when the connection is lost and another one is tried. */
  onLost?: (error: VideoAnnotatorError) => void;
}

export interface RunOptions {
  signal?: AbortSignal;
  onLost?: (error: VideoAnnotatorError) => void;
}

type Jobs = Client<typeof JobService>;

/** Seconds without a connection before a watch that had one is given up. */
const PATIENCE = 300;
/** Seconds of silence after which a connection is taken for dead; the service sends something every 15. */
const SILENCE = 60;

/**
 * Yield the events of a job up to its terminal one, each once, however often the connection breaks; return the job.
 * Leaving the loop, or an abort, ends the watch and never touches the job.
 */
export async function* watch(jobs: Jobs, jobId: string, patience: number, options: WatchOptions = {}): AsyncGenerator<JobEvent, Job> {
  const { signal, onLost } = options;
  let after = options.afterSequence;
  for (let seconds = patience; ; seconds = PATIENCE) {
    const open = () => opened(jobs, { jobId, ...(after !== undefined && { afterSequence: after }) }, signal);
    const events = await persistently(open, { seconds, signal, onLost });
    try {
      for await (const event of events) {
        if (after === undefined || event.sequence > after) after = event.sequence;
        yield event;
        if (event.event.case === "terminal") return ended(event);
      }
    } catch (error) {
      if (!isPassing(error)) throw error;
      onLost?.(error);
    } finally {
      await events.return(undefined);
    }
    await sleep(0.3, signal);
  }
}

/**
 * Submit a job, yield its events and return it. Leaving the loop, or an abort, cancels the job. When the connection is
 * lost, the job is watched to its end: the service may cancel it, or may just have restarted.
 */
export async function* run(
  jobs: Jobs,
  request: Init<typeof SubmitJobRequestSchema>,
  patience: number,
  options: RunOptions = {},
): AsyncGenerator<JobEvent, Job> {
  const { signal, onLost } = options;
  let last: JobEvent | undefined;
  try {
    for await (const event of lively((silence) => jobs.runJob(request, { signal: silence }), signal)) {
      last = event;
      yield event;
      if (event.event.case === "terminal") return ended(event);
    }
  } catch (error) {
    if (!last || !isPassing(error)) throw error;
    onLost?.(error);
  }
  if (!last) throw failure("SERVICE_UNAVAILABLE", "the service ended the run before it began", "Try again in a few seconds.");
  let leaving = true;
  try {
    const job = yield* watch(jobs, last.jobId, patience, { ...options, afterSequence: last.sequence });
    leaving = false;
    return job;
  } catch (error) {
    leaving = !(error instanceof VideoAnnotatorError);
    throw error;
  } finally {
    // A run whose call is lost has to be cancelled by name.
    if (leaving) await jobs.cancelJob({ jobId: last.jobId, reason: "The submitter stopped waiting." });
  }
}

function ended(event: JobEvent): Job {
  const job = event.event.case === "terminal" ? event.event.value.job : undefined;
  if (!job) throw failure("INTERNAL_ERROR", "the terminal event has no job", "Update this client.");
  return job;
}

/** Open a watch and return its events with the first one waited for: a wrong id or token shows here. */
async function opened(
  jobs: Jobs,
  request: { jobId: string; afterSequence?: bigint },
  signal: AbortSignal | undefined,
): Promise<AsyncGenerator<JobEvent>> {
  const events = lively((silence) => jobs.watchJob(request, { signal: silence }), signal);
  const first = await events.next();
  return (async function* () {
    try {
      if (first.done) return;
      yield first.value;
      yield* events;
    } finally {
      await events.return(undefined);
    }
  })();
}

/** Yield the events of a call that is ended, as one whose connection is lost, when nothing is heard of it for long. */
async function* lively(call: (signal: AbortSignal) => AsyncIterable<JobEvent>, signal: AbortSignal | undefined): AsyncGenerator<JobEvent> {
  const end = new AbortController();
  const lost = failure("SERVICE_UNAVAILABLE", `nothing was heard for ${SILENCE} s`, "Check the connection.");
  const events = call(signal ? AbortSignal.any([signal, end.signal]) : end.signal)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const timer = setTimeout(() => end.abort(lost), SILENCE * 1000);
      const next = await events.next().finally(() => clearTimeout(timer));
      if (next.done) return;
      yield next.value;
    }
  } finally {
    end.abort();
    await events.return?.();
  }
}
