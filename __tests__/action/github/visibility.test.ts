import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isPublicRepository } from '../../../src/action/github/visibility.ts';
import { ActionLog } from '../../../src/action/log/action-log.ts';
import { given } from '../given.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'launchpad-visibility-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Without a token the API cannot be asked: the payload counts. */
async function byPayload(payload: unknown): Promise<boolean | undefined> {
  const file = path.join(directory, 'event.json');
  await writeFile(file, JSON.stringify(payload));
  const source = given({ variables: { GITHUB_EVENT_PATH: file } });
  return await isPublicRepository({ owner: 'Example-Org', name: 'cluster' }, source, new ActionLog());
}

describe('whether a repository is public', () => {
  it.each([
    [{ repository: { full_name: 'example-org/cluster', private: false } }, true],
    [{ repository: { full_name: 'example-org/cluster', private: true } }, false],
    [{ repository: { full_name: 'example-org/other', private: false } }, undefined],
    [{ repository: { full_name: 'example-org/cluster' } }, undefined],
    [{}, undefined],
  ])('is what the payload says of the same repository: %j', async (payload, expected) => {
    expect(await byPayload(payload)).toBe(expected);
  });
});
