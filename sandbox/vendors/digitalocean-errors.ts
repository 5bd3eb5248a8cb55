import { randomUUID } from 'node:crypto';
import type { Answer } from './http-api.ts';
import { InvalidRequest } from './schema.ts';

/** A refusal by DigitalOcean's API. */
export class DigitaloceanError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'DigitaloceanError';
    this.status = status;
    this.headers = headers;
  }
}

/** The `id` of an error is named after its status (digitalocean/openapi, specification/shared/models/error.yml). */
const IDS: Readonly<Record<number, string>> = {
  400: 'bad_request',
  401: 'unauthorized',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  422: 'unprocessable_entity',
  429: 'too_many_requests',
  501: 'not_implemented',
};

/** @throws DigitaloceanError 404 */
export function notFound(): never {
  throw new DigitaloceanError(404, 'The resource you were accessing could not be found.');
}

/** The answer for whatever was thrown, with a `request_id` that is in the header x-request-id too. */
export function errorAnswer(error: unknown): Answer {
  const isRefusal = error instanceof DigitaloceanError || error instanceof InvalidRequest;
  const status = isRefusal ? error.status : 500;
  const requestId = randomUUID();
  const message = error instanceof Error ? error.message : String(error);
  return {
    status,
    headers: { 'x-request-id': requestId, ...(error instanceof DigitaloceanError ? error.headers : {}) },
    body: { id: IDS[status] ?? 'server_error', message, request_id: requestId },
  };
}
