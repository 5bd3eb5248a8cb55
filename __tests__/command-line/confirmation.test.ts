import { PassThrough } from 'node:stream';
import { askForConfirmation } from '../../src/command-line/confirmation.ts';

/** Somebody at a terminal who types this, once asked. */
function asked(instances: readonly string[], typed: string) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let shown = '';
  output.on('data', (chunk) => {
    const before = shown;
    shown += String(chunk);
    if (!before.includes('to confirm') && shown.includes('to confirm')) input.write(typed);
  });
  const cluster = 'cluster https://10.0.0.1:6443, context production';
  return { answer: askForConfirmation({ instances, cluster, input, output }), shown: () => shown };
}

describe('the question before instances are deprovisioned', () => {
  it('says what is removed and from which cluster, and is answered by the name', async () => {
    const { answer, shown } = asked(['my-school'], 'my-school\n');
    await answer;
    expect(shown()).toContain('This deletes my-school with all data');
    expect(shown()).toContain('from cluster https://10.0.0.1:6443, context production.');
  });

  it('takes the names of several in any order, and not some of them', async () => {
    await asked(['a', 'b'], 'b, a\n').answer;
    await expect(asked(['a', 'b'], 'a\n').answer).rejects.toMatchObject({ code: 'not-confirmed' });
  });

  it.each(['yes\n', '\n', 'other-school\n'])('is not answered by %j', async (typed) => {
    await expect(asked(['my-school'], typed).answer).rejects.toMatchObject({ code: 'not-confirmed' });
  });

  it('is left when the run is ended from outside', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const controller = new AbortController();
    const question = { instances: ['my-school'], cluster: 'cluster x', input, output, signal: controller.signal };
    const answer = askForConfirmation(question);
    controller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
  });

  it.each(['\u0003', '\u0004'])('is left by Ctrl-C and Ctrl-D', async (typed) => {
    await expect(asked(['my-school'], typed).answer).rejects.toMatchObject({ code: 'cancelled' });
  });
});
