import { VideoAnnotatorError } from "./errors.js";

/** How long to try, and who may end it. */
export interface Patience {
  /** Seconds without success after which the last error is thrown. */
  seconds: number;
  signal?: AbortSignal | undefined;
  /** Told when a try failed and another one follows. */
  onLost?: ((error: VideoAnnotatorError) => void) | undefined;
}

const FIRST_PAUSE = 0.3;
const LONGEST_PAUSE = 10;

/** Try until it succeeds, fails for good, or patience ends; pauses grow and vary. */
export async function persistently<T>(attempt: () => Promise<T>, patience: Patience): Promise<T> {
  const end = performance.now() + patience.seconds * 1000;
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isPassing(error)) throw error;
      const pause = error.retryAfter ?? Math.random() * Math.min(FIRST_PAUSE * 2 ** tries, LONGEST_PAUSE) + 0.05;
      if (performance.now() + pause * 1000 > end) throw error;
      patience.onLost?.(error);
      await sleep(pause, patience.signal);
    }
  }
}

/** Whether the service is away for a moment, or has said when to come back. */
export function isPassing(error: unknown): error is VideoAnnotatorError {
  return error instanceof VideoAnnotatorError && (error.unavailable || error.retryAfter !== undefined);
}

/** Wait; an abort ends it with the reason of the abort. */
export function sleep(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const wake = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", wake);
      resolve();
    }, seconds * 1000);
    signal?.addEventListener("abort", wake, { once: true });
  });
}
