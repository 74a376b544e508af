import { createGrpcWebTransport } from "@connectrpc/connect-web";

import { VideoAnnotator } from "../client.js";
import { VideoAnnotatorError, errorOfCall, errorOfJson } from "../errors.js";
import { type Token, authorization, identifying } from "../services.js";
import { portableDigest } from "../source.js";
import type { Sender } from "../upload.js";

export * from "../index.js";

export interface BrowserOptions {
  /** Address of the service: https://host:port; the origin of the page unless given. */
  server?: string;
  token?: Token;
  /** Seconds for which an unavailable service is asked again. */
  patience?: number;
}

/** Bytes that are sent at once: what a lost connection costs at most. */
const PART = 8 * 2 ** 20;

/** Return a client that speaks gRPC-Web, and REST for uploads: browsers cannot stream what they send. */
export function connect(options: BrowserOptions = {}): VideoAnnotator {
  const baseUrl = (options.server ?? globalThis.location.origin).replace(/\/+$/, "");
  const transport = createGrpcWebTransport({ baseUrl, interceptors: [identifying(options.token)] });
  const platform = { transport, send: () => inParts(baseUrl, options.token), digest: portableDigest, close: () => {} };
  return new VideoAnnotator(platform, options.patience);
}

/** Return the bytes of a download as one Blob. */
export async function toBlob(bytes: AsyncIterable<Uint8Array>, type = "application/octet-stream"): Promise<Blob> {
  const parts: BlobPart[] = [];
  for await (const piece of bytes) parts.push(piece as Uint8Array<ArrayBuffer>);
  return new Blob(parts, { type });
}

function inParts(baseUrl: string, token: Token): Sender {
  return async (videoId, source, start, { signal, onSent }) => {
    for (let offset = start; offset < source.size; ) {
      const part = await source.read(offset, Math.min(offset + PART, source.size));
      if (part.length === 0) return;
      await put(`${baseUrl}/api/v1/videos/${encodeURIComponent(videoId)}?offset=${offset}`, part, token, signal);
      onSent((offset += part.length));
    }
  };
}

async function put(url: string, body: Uint8Array, token: Token, signal: AbortSignal | undefined): Promise<void> {
  const headers: Record<string, string> = { "content-type": "application/octet-stream" };
  const identity = authorization(token);
  if (identity) headers["authorization"] = identity;
  try {
    const request = { method: "PUT", headers, body: body as Uint8Array<ArrayBuffer>, ...(signal && { signal }) };
    const response = await fetch(url, request);
    if (!response.ok) throw errorOfJson(response.status, await response.json().catch(() => null));
  } catch (error) {
    throw error instanceof VideoAnnotatorError ? error : errorOfCall(error, signal);
  }
}
