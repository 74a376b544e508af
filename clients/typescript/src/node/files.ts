import { createHash, randomUUID } from "node:crypto";
import { open, rename, rm, stat } from "node:fs/promises";
import { basename } from "node:path";

import { failure } from "../errors.js";
import type { Digest, VideoSource } from "../source.js";

/** A file as a video to send; close it, or declare it with `await using`. */
export interface VideoFile extends VideoSource, AsyncDisposable {
  close(): Promise<void>;
}

/** Open a file to be sent. */
export async function openVideo(path: string, name = basename(path)): Promise<VideoFile> {
  const file = await open(path).catch((cause: Error) => {
    throw failure("INVALID_REQUEST", `${path} cannot be read: ${cause.message}`, "Check the path.", cause);
  });
  const { size } = await file.stat();
  const close = () => file.close();
  return {
    name,
    size,
    read: async (start, end) => {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(end - start), 0, end - start, start);
      return buffer.subarray(0, bytesRead);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Write bytes to a file that is there only when all of them are; return its size. */
export async function save(bytes: AsyncIterable<Uint8Array>, path: string): Promise<number> {
  const partial = `${path}.${randomUUID()}.partial`;
  try {
    const file = await open(partial, "wx");
    try {
      for await (const piece of bytes) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return (await stat(path)).size;
}

/** Return a digest at the speed of the machine. */
export function nativeDigest(): Digest {
  const hash = createHash("sha256");
  return { update: (data) => hash.update(data), hex: () => hash.digest("hex") };
}
