import type { Client } from "@connectrpc/connect";

import { VideoAnnotatorError, failure } from "./errors.js";
import { VideoState, type Video } from "./gen/videoannotator/v1/types_pb.js";
import type { VideoService } from "./gen/videoannotator/v1/videos_pb.js";
import { isPassing, sleep } from "./patience.js";
import type { Digest, VideoSource } from "./source.js";

/** How far an upload is; bytes. */
export interface UploadProgress {
  phase: "checking" | "uploading";
  done: number;
  total: number;
}

export interface UploadOptions {
  signal?: AbortSignal;
  onProgress?: (progress: UploadProgress) => void;
}

/** Sends the bytes of an announced video from an offset on; returns when the service has them. */
export type Sender = (
  videoId: string,
  source: VideoSource,
  offset: number,
  options: { signal?: AbortSignal | undefined; onSent: (offset: number) => void },
) => Promise<void>;

/** What an upload works with. */
export interface Uploading {
  videos: Client<typeof VideoService>;
  send: Sender;
  digest: () => Digest;
}

/** Attempts in a row without a single byte arriving before the upload is given up. */
const MOST_IDLE_ATTEMPTS = 6;
const BLOCK = 4 * 2 ** 20;
// Errors after which the service is asked where to go on.
const RESUMABLE = new Set(["UPLOAD_OFFSET_MISMATCH", "UPLOAD_IN_PROGRESS"]);

/**
 * Upload a video and return it READY; at once when the service has it already. Any break is only a pause: in this call,
 * and in a later one that sends the same file.
 */
export async function upload(how: Uploading, source: VideoSource, options: UploadOptions = {}): Promise<Video> {
  const { signal } = options;
  if (source.size === 0) throw failure("INVALID_REQUEST", `${source.name} is empty`, "Name a video file.");
  const tell = (phase: UploadProgress["phase"], done: number) => options.onProgress?.({ phase, done, total: source.size });
  const sha256 = await digestOf(source, how.digest(), (done) => tell("checking", done), signal);
  const announcement = {
    filename: source.name,
    sizeBytes: BigInt(source.size),
    sha256,
    requestId: nameOf(source, sha256, how.digest()),
  };
  let committed = 0n;
  for (let idle = 1; ; idle++) {
    try {
      const { id } = await how.videos.createVideo(announcement, { ...(signal && { signal }) });
      const video = await how.videos.getVideo({ videoId: id }, { ...(signal && { signal }) });
      if (video.state === VideoState.READY) return video;
      if (video.committedBytes > committed) [committed, idle] = [video.committedBytes, 1];
      tell("uploading", Number(video.committedBytes));
      await how.send(id, source, Number(video.committedBytes), { signal, onSent: (done) => tell("uploading", done) });
      const sent = await how.videos.getVideo({ videoId: id }, { ...(signal && { signal }) });
      if (sent.state === VideoState.READY) return sent;
      throw failure("INVALID_REQUEST", `${source.name} became shorter while it was sent`, "Send a file that stays as it is.");
    } catch (error) {
      const goesOn = isPassing(error) || (error instanceof VideoAnnotatorError && RESUMABLE.has(error.code));
      if (!goesOn || idle >= MOST_IDLE_ATTEMPTS) throw error;
      await sleep(Math.random() * Math.min(0.2 * 2 ** idle, 10), signal);
    }
  }
}

async function digestOf(source: VideoSource, digest: Digest, tell: (done: number) => void, signal?: AbortSignal): Promise<string> {
  let done = 0;
  while (done < source.size) {
    signal?.throwIfAborted();
    const block = await source.read(done, Math.min(done + BLOCK, source.size));
    if (block.length === 0) break;
    digest.update(block);
    tell((done += block.length));
  }
  return digest.hex();
}

/** Name the upload by what is uploaded, so that the same file after a break means the same upload. */
function nameOf(source: VideoSource, sha256: string, digest: Digest): string {
  digest.update(new TextEncoder().encode(`${sha256}:${source.size}:${source.name}`));
  return `client-${digest.hex().slice(0, 40)}`;
}
