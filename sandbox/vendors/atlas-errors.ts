import { STATUS_CODES } from 'node:http';
import type { Answer } from './http-api.ts';
import { InvalidRequest, type Problem } from './schema.ts';

/** A refusal by the Atlas Administration API, in the form of its schema ApiError. */
export class AtlasError extends Error {
  readonly status: number;
  readonly errorCode: string;
  readonly parameters: readonly string[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    errorCode: string,
    detail: string,
    {
      parameters = [],
      headers = {},
    }: { parameters?: readonly string[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.name = 'AtlasError';
    this.status = status;
    this.errorCode = errorCode;
    this.parameters = parameters;
    this.headers = headers;
  }
}

/** The document names no codes for these but INVALID_ATTRIBUTE; a client has to go by the status. */
const PROBLEMS: Readonly<Record<Problem, readonly [status: number, errorCode: string]>> = {
  path: [404, 'RESOURCE_NOT_FOUND'],
  method: [405, 'METHOD_NOT_ALLOWED'],
  accept: [406, 'NOT_ACCEPTABLE'],
  'content-type': [415, 'UNSUPPORTED_MEDIA_TYPE'],
  body: [400, 'INVALID_ATTRIBUTE'],
};

/** The answer for whatever was thrown. */
export function errorAnswer(error: unknown): Answer {
  const { status, errorCode, parameters, headers, message } = refusalOf(error);
  const reason = STATUS_CODES[status] ?? '';
  return { status, headers, body: { detail: message, error: status, errorCode, parameters, reason } };
}

function refusalOf(error: unknown): AtlasError {
  if (error instanceof AtlasError) return error;
  if (error instanceof InvalidRequest) {
    const [status, errorCode] = PROBLEMS[error.problem];
    return new AtlasError(status, errorCode, error.message);
  }
  return new AtlasError(500, 'UNEXPECTED_ERROR', error instanceof Error ? error.message : String(error));
}
