/**
 * `npm run dev [-- demo's arguments]`: compiles, bundles and runs the demo, again after each change of the source, as `node --watch`
 * starts it anew.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');

/** A change came while a program ran: this process is about to be started anew. */
let isEnding = false;

/** Whether the program ended well. When this process is ended, so is the program. */
async function run(...args: string[]): Promise<boolean> {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
  const end = () => {
    isEnding = true;
    child.kill();
  };
  process.once('SIGTERM', end);
  const [code]: unknown[] = await once(child, 'exit');
  process.off('SIGTERM', end);
  return code === 0;
}

const isBuilt =
  (await run('node_modules/typescript/bin/tsc')) && (await run('scripts/build.ts', '--out', 'build', '--fast'));
if (isBuilt) await run('build/sandbox/demo.js', '--bundles', 'build', ...process.argv.slice(2));
if (!isEnding) process.stdout.write('Waiting for changes …\n');
