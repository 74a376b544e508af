import { type JsonObject, create, fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { type Duration, DurationSchema, timestampDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";

import { ERRORS, type ErrorCode } from "./codes.js";
import { type ErrorEnvelope, ErrorEnvelopeSchema } from "./gen/videoannotator/v1/errors_pb.js";
import { type Job, JobStatus } from "./gen/videoannotator/v1/types_pb.js";

/** One thing that is wrong with an input. */
export interface Violation {
  field: string;
  code: string;
  message: string;
  allowed?: unknown;
  example?: unknown;
}

/** What the service, or the way to it, refused: one envelope for every error. Decide by `code`; codes are stable. */
export class VideoAnnotatorError extends Error {
  override readonly name = "VideoAnnotatorError";
  /** A name of docs/errors.md; a service newer than this client may send others. */
  readonly code: ErrorCode | (string & {});
  /** Facts for programs: ids, limits, violations. */
  readonly detail: JsonObject;
  /** What to do about it. */
  readonly hint: string | undefined;
  /** Path of the offending input. */
  readonly field: string | undefined;
  readonly timestamp: Date;
  /** Seconds after which the service would be asked again, if it said so. */
  readonly retryAfter: number | undefined;
  /** Whether no answer came: the service is away, or the connection broke. */
  readonly unavailable: boolean;

  constructor(envelope: ErrorEnvelope, how: { cause?: unknown; retryAfter?: number | undefined; unavailable?: boolean } = {}) {
    super(envelope.message, { cause: how.cause });
    this.code = envelope.code;
    this.detail = envelope.detail ?? {};
    this.hint = envelope.hint;
    this.field = envelope.field;
    this.timestamp = envelope.timestamp ? timestampDate(envelope.timestamp) : new Date();
    this.retryAfter = how.retryAfter;
    this.unavailable = how.unavailable ?? false;
  }

  /** Whether the same call may succeed later. */
  get retryable(): boolean {
    return this.unavailable || (this.code in ERRORS && ERRORS[this.code as ErrorCode].retryable);
  }

  /** Everything that is wrong with the input. */
  get violations(): Violation[] {
    return Array.isArray(this.detail["violations"]) ? (this.detail["violations"] as unknown as Violation[]) : [];
  }
}

/** Return an error that this client found by itself. */
export function failure(code: ErrorCode, message: string, hint: string, cause?: unknown): VideoAnnotatorError {
  const envelope = create(ErrorEnvelopeSchema, { code, message, hint });
  return new VideoAnnotatorError(envelope, { cause, unavailable: code === "SERVICE_UNAVAILABLE" });
}

/** Return what a call failed with. An abort that was asked for is not an error of the service: its reason comes back. */
export function errorOfCall(cause: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason;
  if (cause instanceof VideoAnnotatorError) return cause;
  const error = ConnectError.from(cause);
  const [envelope] = error.findDetails(ErrorEnvelopeSchema);
  if (!envelope) return withoutEnvelope(error);
  return new VideoAnnotatorError(envelope, {
    cause: error,
    retryAfter: retryDelay(error),
    unavailable: error.code === Code.Unavailable,
  });
}

type Said = { code?: string; message?: string; hint?: string | null; field?: string | null; detail?: JsonObject | null };

/** Return the error in the JSON of a REST answer. */
export function errorOfJson(status: number, content: unknown): VideoAnnotatorError {
  const said = (content as { error?: Said } | null)?.error;
  const envelope = create(ErrorEnvelopeSchema, {
    code: said?.code ?? "INTERNAL_ERROR",
    message: said?.message ?? `the answer has status ${status} and does not say why`,
  });
  if (said?.detail) envelope.detail = said.detail;
  if (said?.hint) envelope.hint = said.hint;
  if (said?.field) envelope.field = said.field;
  return new VideoAnnotatorError(envelope, { unavailable: status === 503 || status === 504 });
}

/** Return why a job that has ended did not complete whole, undefined if it did. */
export function errorOfJob(job: Job): VideoAnnotatorError | undefined {
  if (job.error) return new VideoAnnotatorError(job.error);
  if (job.status !== JobStatus.CANCELLED) return undefined;
  return failure("JOB_CANCELLED", `the job ${job.id} was cancelled: ${job.cancelReason ?? ""}`, "Retry the job to run it again.");
}

// What the way to the service says when there is no answer, or when a connection ends before its call.
const LOST = new Set([Code.Unavailable, Code.Unknown, Code.Aborted, Code.Canceled, Code.Internal]);
// What gRPC refuses by itself.
const UNNAMED: Partial<Record<Code, ErrorCode>> = {
  [Code.DeadlineExceeded]: "TIMEOUT",
  [Code.ResourceExhausted]: "PAYLOAD_TOO_LARGE",
  [Code.Unimplemented]: "PATH_NOT_FOUND",
};

function withoutEnvelope(error: ConnectError): VideoAnnotatorError {
  if (LOST.has(error.code)) {
    const message = `the service cannot be reached, or the connection broke: ${error.rawMessage}`;
    return failure("SERVICE_UNAVAILABLE", message, "Check the address of the service and that it runs.", error);
  }
  const code = UNNAMED[error.code] ?? "INTERNAL_ERROR";
  return failure(code, error.rawMessage, "Check that client and service are of the same version.", error);
}

/** Return the seconds of a google.rpc.RetryInfo; its one field is a Duration. */
function retryDelay(error: ConnectError): number | undefined {
  const found = error.details.find((detail) => "type" in detail && detail.type === "google.rpc.RetryInfo");
  if (!found || !("value" in found) || !(found.value instanceof Uint8Array)) return undefined;
  const reader = new BinaryReader(found.value);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === 1 && wire === WireType.LengthDelimited) return seconds(fromBinary(DurationSchema, reader.bytes()));
    reader.skip(wire, field);
  }
  return undefined;
}

function seconds(duration: Duration): number {
  return Number(duration.seconds) + duration.nanos / 1e9;
}
