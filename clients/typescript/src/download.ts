import type { Client } from "@connectrpc/connect";

import { failure } from "./errors.js";
import type { ArtifactService, FileHeader } from "./gen/videoannotator/v1/artifacts_pb.js";
import { isPassing, persistently } from "./patience.js";
import type { Digest } from "./source.js";

export interface DownloadOptions {
  signal?: AbortSignal;
  /** Told the bytes that arrived, and how many there are in all. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * Yield the bytes of an artifact; a lost connection is resumed where it broke. Throws ARTIFACT_CORRUPT after the last
 * byte if all of them together do not have the artifact's checksum.
 */
export async function* download(
  artifacts: Client<typeof ArtifactService>,
  artifactId: string,
  digest: Digest,
  patience: number,
  options: DownloadOptions = {},
): AsyncGenerator<Uint8Array> {
  const { signal, onProgress } = options;
  let header: FileHeader | undefined;
  let done = 0n;
  const open = async () => {
    const chunks = artifacts.downloadArtifact({ artifactId, offset: done }, { ...(signal && { signal }) })[Symbol.asyncIterator]();
    return { chunks, first: await chunks.next() };
  };
  const size = () => header?.sizeBytes ?? -1n;
  while (done !== size()) {
    const { chunks, first } = await persistently(open, { seconds: patience, signal });
    const before = done;
    try {
      for (let next = first; !next.done; next = await chunks.next()) {
        header ??= next.value.header;
        if (next.value.data.length === 0) continue;
        done += BigInt(next.value.data.length);
        digest.update(next.value.data);
        onProgress?.(Number(done), Number(size()));
        yield next.value.data;
      }
    } catch (error) {
      if (done === before || !isPassing(error)) throw error;
    } finally {
      await chunks.return?.();
    }
    if (done === before && done !== size()) break;
  }
  if (done !== size() || digest.hex() !== header?.sha256) {
    throw failure("ARTIFACT_CORRUPT", `the artifact ${artifactId} did not arrive as it was sent`, "Download it again.");
  }
}
