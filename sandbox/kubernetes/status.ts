import type { JsonObject } from './json.ts';

/** A refusal, as the API server answers it. */
export class StatusError extends Error {
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }

  /** The Status object of the answer. */
  get status(): JsonObject {
    const { code, reason, message } = this;
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  }
}

export const notFound = (what: string, name: string) => new StatusError(404, 'NotFound', `${what} "${name}" not found`);
export const alreadyExists = (what: string, name: string) =>
  new StatusError(409, 'AlreadyExists', `${what} "${name}" already exists`);
export const conflict = (what: string, name: string, why: string) =>
  new StatusError(409, 'Conflict', `Operation cannot be fulfilled on ${what} "${name}": ${why}`);
export const invalid = (kind: string, name: string, why: string) =>
  new StatusError(422, 'Invalid', `${kind} "${name}" is invalid: ${why}`);
export const badRequest = (why: string) => new StatusError(400, 'BadRequest', why);
