import { spawn } from 'node:child_process';
import path from 'node:path';

const source = path.join(import.meta.dirname, '..', '..', 'src', 'command-line', 'exit-codes.ts');

/** A process that never ends by itself, and says when it has been told to end. */
function endless() {
  const program = `
    import { interruption } from ${JSON.stringify(source)};
    interruption(() => console.log('ending'), () => console.log('quit')).addEventListener('abort', () => console.log('aborted'));
    setInterval(() => undefined, 1_000);
    console.log('ready');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program]);
  let text = '';
  const heard = (word: string) =>
    new Promise<void>((resolve) => {
      const look = () => text.includes(word) && resolve();
      child.stdout.on('data', look);
      look();
    });
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, heard, ended, text: () => text };
}

describe.each(['SIGINT', 'SIGTERM'] as const)('a command that gets %s', (signal) => {
  it('is told to end once, also where the signal comes twice at once, and ends at the next one', async () => {
    const { child, heard, ended, text } = endless();
    await heard('ready');
    child.kill(signal);
    await heard('aborted');
    const from = performance.now();
    const again = setInterval(() => child.kill(signal), 50);
    expect(await ended).toBe(130);
    clearInterval(again);
    expect(performance.now() - from).toBeGreaterThan(400);
    expect(text()).toBe('ready\nending\naborted\nquit\n');
  });
});
