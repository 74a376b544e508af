import type { Client, Transport } from "@connectrpc/connect";

import { type DownloadOptions, download } from "./download.js";
import { errorOfJob } from "./errors.js";
import { ArtifactService, type DownloadArchiveRequestSchema } from "./gen/videoannotator/v1/artifacts_pb.js";
import { type JobEvent, JobService, type SubmitJobRequestSchema } from "./gen/videoannotator/v1/jobs_pb.js";
import { PipelineService } from "./gen/videoannotator/v1/pipelines_pb.js";
import { SystemService } from "./gen/videoannotator/v1/system_pb.js";
import { TokenService } from "./gen/videoannotator/v1/tokens_pb.js";
import type { Job, Video } from "./gen/videoannotator/v1/types_pb.js";
import { VideoService } from "./gen/videoannotator/v1/videos_pb.js";
import { type Init, service } from "./services.js";
import type { Digest, VideoSource } from "./source.js";
import { type Sender, type UploadOptions, upload } from "./upload.js";
import { type RunOptions, type WatchOptions, run, watch } from "./watch.js";

/** What differs between Node and browsers. */
export interface Platform {
  transport: Transport;
  send: (videos: Client<typeof VideoService>) => Sender;
  digest: () => Digest;
  close: () => void;
}

export interface WaitOptions extends WatchOptions {
  onEvent?: (event: JobEvent) => void;
  /** Throw the error of a job that did not complete whole; true unless set. */
  check?: boolean;
}

/**
 * A VideoAnnotator service. Every call of the contract is under `videos`, `jobs`, `artifacts`, `pipelines`, `system` and
 * `tokens`; the methods below join them to what one wants. Whatever fails throws a VideoAnnotatorError.
 */
export class VideoAnnotator {
  readonly videos: Client<typeof VideoService>;
  readonly jobs: Client<typeof JobService>;
  readonly artifacts: Client<typeof ArtifactService>;
  readonly pipelines: Client<typeof PipelineService>;
  readonly system: Client<typeof SystemService>;
  readonly tokens: Client<typeof TokenService>;
  readonly #platform: Platform;
  readonly #patience: number;

  /** `patience`: seconds for which an unavailable service is asked again. */
  constructor(platform: Platform, patience = 10) {
    this.#platform = platform;
    this.#patience = patience;
    this.videos = service(VideoService, platform.transport, patience);
    this.jobs = service(JobService, platform.transport, patience);
    this.artifacts = service(ArtifactService, platform.transport, patience);
    this.pipelines = service(PipelineService, platform.transport, patience);
    this.system = service(SystemService, platform.transport, patience);
    this.tokens = service(TokenService, platform.transport, patience);
  }

  /** Upload a video and return it READY. Breaks are resumed; the same file sent again is found again. */
  upload(source: VideoSource, options?: UploadOptions): Promise<Video> {
    const { send, digest } = this.#platform;
    return upload({ videos: this.videos, send: send(this.videos), digest }, source, options);
  }

  /** Queue a job once, however often the connection breaks. */
  submit(request: Init<typeof SubmitJobRequestSchema>, options: { signal?: AbortSignal } = {}): Promise<Job> {
    return this.jobs.submitJob({ requestId: crypto.randomUUID(), ...request }, options);
  }

  /** Queue a job, yield its events and return it. Leaving the loop, or an abort, cancels the job. */
  run(request: Init<typeof SubmitJobRequestSchema>, options?: RunOptions): AsyncGenerator<JobEvent, Job> {
    return run(this.jobs, request, this.#patience, options);
  }

  /** Yield the events of a job to its end and return it; lost connections are resumed. Never touches the job. */
  watch(jobId: string, options?: WatchOptions): AsyncGenerator<JobEvent, Job> {
    return watch(this.jobs, jobId, this.#patience, options);
  }

  /** Return a job once it has ended. */
  async wait(jobId: string, options: WaitOptions = {}): Promise<Job> {
    const job = await drained(this.watch(jobId, options), options.onEvent);
    const error = errorOfJob(job);
    if (error && options.check !== false) throw error;
    return job;
  }

  /** Yield the caller's jobs, newest first. */
  async *list(filter: { videoId?: string; labels?: Record<string, string> } = {}): AsyncGenerator<Job> {
    for (let pageToken = ""; ; ) {
      const page = await this.jobs.listJobs({ ...filter, pageSize: 100, pageToken });
      yield* page.jobs;
      if (!(pageToken = page.nextPageToken)) return;
    }
  }

  /** Yield the bytes of an artifact; resumed where the connection breaks, and verified. */
  download(artifactId: string, options?: DownloadOptions): AsyncGenerator<Uint8Array> {
    return download(this.artifacts, artifactId, this.#platform.digest(), this.#patience, options);
  }

  /** Yield the bytes of a zip of a job's artifacts. It is made while it is sent: after a break, ask again. */
  async *archive(request: Init<typeof DownloadArchiveRequestSchema>, options: { signal?: AbortSignal } = {}): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.artifacts.downloadArchive(request, options)) {
      if (chunk.data.length > 0) yield chunk.data;
    }
  }

  /** End all connections. */
  close(): void {
    this.#platform.close();
  }
}

async function drained(events: AsyncGenerator<JobEvent, Job>, onEvent: ((event: JobEvent) => void) | undefined): Promise<Job> {
  for (;;) {
    const next = await events.next();
    if (next.done) return next.value;
    onEvent?.(next.value);
  }
}
