import { readFileSync } from 'node:fs';
import { LaunchpadError, messageOf } from '../../core/errors.ts';
import { type Fields, isFields } from '../../core/fields.ts';
import { type InputSource, requireVariable } from '../input-source.ts';

/**
 * The payload of the event that started the workflow, from the file of GITHUB_EVENT_PATH
 * (https://docs.github.com/en/webhooks/webhook-events-and-payloads).
 *
 * @throws LaunchpadError `not-in-workflow` without that variable, `event-invalid` if the file is not a JSON object
 */
export function readPayload(inputSource: InputSource): Fields {
  const file = requireVariable(inputSource, 'GITHUB_EVENT_PATH');
  let payload: unknown;
  try {
    payload = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw eventInvalid(`cannot be read: ${messageOf(error)}`, error);
  }
  if (!isFields(payload)) throw eventInvalid('is not a JSON object');
  return payload;
}

/** The error for a payload without what is needed. */
export function eventInvalid(what: string, cause?: unknown): LaunchpadError {
  return new LaunchpadError('event-invalid', `The event's payload (the file of GITHUB_EVENT_PATH) ${what}.`, {
    remedy: 'Leave GITHUB_EVENT_PATH as the runner sets it; for act give an event file (-e) as GitHub would send it.',
    cause,
  });
}

/** The value at that path of keys, undefined if there is none. */
export function valueAt(payload: Fields, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((value, key) => (isFields(value) ? value[key] : undefined), payload);
}

/** The text at that path of keys. @throws LaunchpadError `event-invalid` if there is none */
export function textAt(payload: Fields, ...keys: readonly string[]): string {
  const value = valueAt(payload, ...keys);
  if (typeof value === 'string' && value !== '') return value;
  throw eventInvalid(`has no ${keys.join('.')}`);
}
