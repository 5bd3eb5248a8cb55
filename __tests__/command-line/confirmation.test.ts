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
  return { answer: askForConfirmation({ instances, input, output }), shown: () => shown };
}

describe('the question before instances are deprovisioned', () => {
  it('says what is removed, and is answered by the name', async () => {
    const { answer, shown } = asked(['my-school'], 'my-school\n');
    expect(await answer).toBe('my-school');
    expect(shown()).toContain('This deletes my-school with all data');
  });

  it('takes the names of several in any order, and not some of them', async () => {
    expect(await asked(['a', 'b'], 'b, a\n').answer).toBe('b, a');
    await expect(asked(['a', 'b'], 'a\n').answer).rejects.toMatchObject({ code: 'not-confirmed' });
  });

  it.each(['yes\n', '\n', 'other-school\n'])('is not answered by %j', async (typed) => {
    await expect(asked(['my-school'], typed).answer).rejects.toMatchObject({ code: 'not-confirmed' });
  });

  it.each(['\u0003', '\u0004'])('is left by Ctrl-C and Ctrl-D', async (typed) => {
    await expect(asked(['my-school'], typed).answer).rejects.toMatchObject({ code: 'cancelled' });
  });
});
