import { hintOf } from '../causes.ts';
import { connectionError, messageOf } from '../connection-errors.ts';
import { ProvisionerError } from '../provisioner-error.ts';
import { type ApiAnswer, HttpError, InvalidAnswer } from './send.ts';

/** A call of a vendor's API, for its error. */
export interface ApiCall {
  /** Such as `Atlas's API`; its first word begins the error's code. */
  readonly service: string;
  readonly host: string;
  /** What was tried, in words. */
  readonly doing: string;
}

/** What an API's answer means. */
export interface Explanation {
  /** In kebab-case. */
  readonly code: string;
  /** The status, and the API's own message and request ID. */
  readonly problem: string;
  /** What to check. */
  readonly hint: string;
}

/** The error of a call that failed: by an answer, or without one. */
export function apiError(
  error: unknown,
  { service, host, doing }: ApiCall,
  explain: (answer: ApiAnswer) => Explanation,
): ProvisionerError {
  if (error instanceof ProvisionerError) return error;
  const lost = error instanceof HttpError ? undefined : connectionError(error, service, host);
  if (lost !== undefined) return lost;
  const [prefix = ''] = service.toLowerCase().split(/\W/);
  const { code, problem, hint } = error instanceof HttpError ? explain(error.answer) : withoutStatus(error, prefix);
  return new ProvisionerError(code, `${service} at ${host}: ${doing} failed: ${problem}.`, {
    host,
    hint,
    cause: error,
  });
}

function withoutStatus(error: unknown, prefix: string): Explanation {
  const problem = messageOf(error);
  if (error instanceof InvalidAnswer)
    return { code: `${prefix}-invalid-answer`, problem, hint: hintOf('atlas-invalid-answer') };
  const hint = 'Check that the pods of the cluster reach the API, through a proxy where they need one.';
  return { code: `${prefix}-no-answer`, problem, hint };
}

/** The answer that an error came from, if there was one. */
export function answerOf(error: unknown): ApiAnswer | undefined {
  const cause = error instanceof ProvisionerError ? error.cause : error;
  return cause instanceof HttpError ? cause.answer : undefined;
}
