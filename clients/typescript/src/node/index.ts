import { readFileSync } from "node:fs";

import type { Client } from "@connectrpc/connect";
import { Http2SessionManager, createGrpcTransport } from "@connectrpc/connect-node";

import { VideoAnnotator } from "../client.js";
import type { VideoService } from "../gen/videoannotator/v1/videos_pb.js";
import { type Token, identifying } from "../services.js";
import type { VideoSource } from "../source.js";
import type { Sender } from "../upload.js";
import { nativeDigest } from "./files.js";

export * from "../index.js";
export { type VideoFile, openVideo, save } from "./files.js";

export interface NodeOptions {
  /** Address: http://host:port or, for TLS, https://host:port; VIDEOANNOTATOR_SERVER or port 18011 here unless given. */
  server?: string;
  /** VIDEOANNOTATOR_TOKEN unless given. */
  token?: Token;
  /** File with the certificates to trust beside those of the system; VIDEOANNOTATOR_TLS_CA unless given. */
  tlsCa?: string;
  /** Seconds for which an unavailable service is asked again. */
  patience?: number;
}

const DEFAULT_SERVER = "http://127.0.0.1:18011";
const CHUNK = 2 ** 20;
// The service allows one every 10 s.
const PING_INTERVAL_MS = 20_000;

/** Return a client that speaks gRPC. Nothing is connected before the first call. */
export function connect(options: NodeOptions = {}): VideoAnnotator {
  const { VIDEOANNOTATOR_SERVER, VIDEOANNOTATOR_TOKEN, VIDEOANNOTATOR_TLS_CA } = process.env;
  const tlsCa = options.tlsCa ?? VIDEOANNOTATOR_TLS_CA;
  const baseUrl = addressed(options.server ?? VIDEOANNOTATOR_SERVER ?? DEFAULT_SERVER, tlsCa !== undefined);
  const token = options.token ?? VIDEOANNOTATOR_TOKEN;
  const connection = { pingIntervalMs: PING_INTERVAL_MS, pingTimeoutMs: 10_000 };
  const sessions = new Http2SessionManager(baseUrl, connection, tlsCa === undefined ? undefined : { ca: readFileSync(tlsCa) });
  const transport = createGrpcTransport({ baseUrl, interceptors: [identifying(token)], sessionManager: sessions });
  const platform = { transport, send: streamed, digest: nativeDigest, close: () => sessions.abort() };
  return new VideoAnnotator(platform, options.patience);
}

/** Return an address as a URL: the other clients of this program also know host:port, grpc:// and grpcs://. */
function addressed(server: string, tls: boolean): string {
  const [, scheme, rest] = /^(?:(grpcs?|https?):\/\/)?(.*?)\/*$/.exec(server) ?? [];
  return `${tls || scheme === "grpcs" || scheme === "https" ? "https" : "http"}://${rest}`;
}

/** Send a video as one stream of chunks. */
function streamed(videos: Client<typeof VideoService>): Sender {
  return async (videoId, source, offset, { signal, onSent }) => {
    await videos.writeVideo(chunks(videoId, source, offset, onSent), { ...(signal && { signal }) });
  };
}

async function* chunks(videoId: string, source: VideoSource, start: number, onSent: (offset: number) => void) {
  for (let offset = start; offset < source.size; ) {
    const data = await source.read(offset, Math.min(offset + CHUNK, source.size));
    if (data.length === 0) return;
    yield { videoId, offset: BigInt(offset), data };
    onSent((offset += data.length));
  }
}
