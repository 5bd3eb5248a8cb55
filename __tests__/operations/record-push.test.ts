import { EMPTY_RECORD } from '../../src/core/run-record.ts';
import { RunRecorder } from '../../src/core/run-recorder.ts';
import { recordPush } from '../../src/operations/record-push.ts';
import { givenRepositories, NO_DELAY } from '../repository/given.ts';

const given = givenRepositories();
const change = {
  message: 'feat: add instance school',
  build: async () => new Map([['instances/school/config.yml', Buffer.from('A: 1\n')]]),
};

function newRecorder(): RunRecorder {
  const nothing = () => undefined;
  const log = { info: nothing, warning: nothing, debug: nothing, secret: nothing };
  return new RunRecorder({ ...log, phase: async (_, work) => await work() }, undefined, EMPTY_RECORD);
}

describe('what a record says of a push', () => {
  it('is yes when the remote has it, also where the answer was lost and found again', async () => {
    const { repository } = await given.openNew({}, { clock: NO_DELAY });
    given.server.afterPush = async () => false;
    const progress = newRecorder();
    await recordPush({ progress, repository }, change);
    expect(progress.recorded.effects.commit).toBe('yes');
  });

  it('is no when the remote refuses it', async () => {
    const { repository } = await given.openNew({}, { clock: NO_DELAY });
    given.server.protectedBranch = 'main';
    const progress = newRecorder();
    await expect(recordPush({ progress, repository }, change)).rejects.toThrow('protected');
    expect(progress.recorded.effects.commit).toBe('no');
  });

  it('is no when the files cannot be built', async () => {
    const { repository } = await given.openNew({}, { clock: NO_DELAY });
    const progress = newRecorder();
    const build = async () => {
      throw new Error('changed');
    };
    await expect(recordPush({ progress, repository }, { ...change, build })).rejects.toThrow('changed');
    expect(progress.recorded.effects.commit).toBe('no');
  });

  it('is not known when git is ended in its middle, whatever ended it', async () => {
    const stop = new AbortController();
    const { repository } = await given.openNew({}, { clock: NO_DELAY, signal: stop.signal });
    const ended = Promise.withResolvers<void>();
    given.server.beforePush = async () => {
      stop.abort(new Error('stopped'));
      await ended.promise;
    };
    const progress = newRecorder();
    await expect(recordPush({ progress, repository }, change)).rejects.toThrow('stopped');
    ended.resolve();
    expect(progress.recorded.effects.commit).toBe('unknown');
  });
});
