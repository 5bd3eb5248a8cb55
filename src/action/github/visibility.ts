import { readPayload, valueAt } from '../../inputs/event/event-payload.ts';
import type { HostedRepository } from '../../inputs/event/origin.ts';
import type { InputSource } from '../../inputs/input-source.ts';
import type { ActionLog } from '../log/action-log.ts';
import { connectGithub } from './api.ts';

/** Milliseconds for the question. */
const LONGEST_MS = 5_000;

/**
 * Whether everybody can read the repository: by GitHub's API where the token may, else by the event's payload if that is
 * about the same repository.
 *
 * @returns undefined if neither says so
 */
export async function isPublicRepository(
  { owner, name }: Pick<HostedRepository, 'owner' | 'name'>,
  inputSource: InputSource,
  log: ActionLog,
): Promise<boolean | undefined> {
  try {
    const { api } = await connectGithub(inputSource, { log, signal: AbortSignal.timeout(LONGEST_MS) });
    return await api.isPublic(owner, name);
  } catch {
    return isPublicByPayload(`${owner}/${name}`, inputSource);
  }
}

function isPublicByPayload(fullName: string, inputSource: InputSource): boolean | undefined {
  try {
    const payload = readPayload(inputSource);
    const about = valueAt(payload, 'repository', 'full_name');
    if (typeof about !== 'string' || about.toLowerCase() !== fullName.toLowerCase()) return undefined;
    const isPrivate = valueAt(payload, 'repository', 'private');
    return typeof isPrivate === 'boolean' ? !isPrivate : undefined;
  } catch {
    return undefined;
  }
}
