import type { DescMessage, DescMethod, DescService, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { type CallOptions, type Client, type Interceptor, type Transport, createClient } from "@connectrpc/connect";

import { errorOfCall } from "./errors.js";
import { persistently } from "./patience.js";

/** The token to send, or how to find it. */
export type Token = string | (() => string | undefined) | undefined;

/** Return the value of the header that identifies the caller. */
export function authorization(token: Token): string | undefined {
  const text = typeof token === "function" ? token() : token;
  return text ? `Bearer ${text}` : undefined;
}

/** Return an interceptor that sends the token with every call. */
export function identifying(token: Token): Interceptor {
  return (next) => (request) => {
    const value = authorization(token);
    if (value) request.header.set("authorization", value);
    return next(request);
  };
}

/**
 * Return a client of a service whose calls fail with a VideoAnnotatorError, are tried again for `patience` seconds where
 * that cannot do anything twice, and end when a loop over their answers is left.
 */
export function service<T extends DescService>(description: T, transport: Transport, patience: number): Client<T> {
  const client = createClient(description, transport) as Record<string, (request: unknown, options?: CallOptions) => unknown>;
  const calls = description.methods.map((method) => {
    const call = client[method.localName] as (request: unknown, options?: CallOptions) => unknown;
    const wrapped =
      method.methodKind === "server_streaming"
        ? (request: unknown, options: CallOptions = {}) => closing(call as Streaming, request, options)
        : (request: unknown, options: CallOptions = {}) =>
            persistently(() => once(call as Unary, request, options), {
              seconds: mayRepeat(method, request) ? patience : 0,
              signal: options.signal,
            });
    return [method.localName, wrapped];
  });
  return Object.fromEntries(calls) as Client<T>;
}

type Unary = (request: unknown, options: CallOptions) => Promise<unknown>;
type Streaming = (request: unknown, options: CallOptions) => AsyncIterable<unknown>;

async function once(call: Unary, request: unknown, options: CallOptions): Promise<unknown> {
  try {
    return await call(request, options);
  } catch (error) {
    throw errorOfCall(error, options.signal);
  }
}

async function* closing(call: Streaming, request: unknown, options: CallOptions): AsyncGenerator<unknown> {
  const leaving = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, leaving.signal]) : leaving.signal;
  try {
    yield* call(request, { ...options, signal });
  } catch (error) {
    throw errorOfCall(error, options.signal);
  } finally {
    leaving.abort();
  }
}

/** Whether a second call does what one does: it reads, or the service recognises it by its request_id. */
function mayRepeat(method: DescMethod, request: unknown): boolean {
  if (method.methodKind !== "unary") return false;
  if (/^(Get|List|Validate|Cancel|Revoke)/.test(method.name)) return true;
  return Boolean((request as { requestId?: string }).requestId);
}

/** What a request may be given as. */
export type Init<T extends DescMessage> = MessageInitShape<T>;
/** A message of the contract. */
export type Message<T extends DescMessage> = MessageShape<T>;
