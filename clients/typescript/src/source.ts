import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** A SHA-256 that grows with the bytes. */
export interface Digest {
  update(data: Uint8Array): unknown;
  /** Lower-case hexadecimal; ends the digest. */
  hex(): string;
}

/** A video that can be read at any place, again and again. */
export interface VideoSource {
  /** Name of the file; a label, never a path. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Return the bytes from `start` up to `end`, fewer where the file ends. */
  read(start: number, end: number): Promise<Uint8Array>;
}

/** Return a digest that works everywhere. */
export function portableDigest(): Digest {
  const hash = sha256.create();
  return { update: (data) => hash.update(data), hex: () => bytesToHex(hash.digest()) };
}

/** Return the source of a File or a Blob; a Blob needs a name. */
export function fromBlob(blob: Blob, name = "name" in blob ? String(blob.name) : "video"): VideoSource {
  return {
    name,
    size: blob.size,
    read: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
  };
}
