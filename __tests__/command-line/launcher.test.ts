import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const launcher = path.join(import.meta.dirname, '..', '..', 'bin', 'launchpad-provision.cjs');

/** Starts a copy of the launcher, before a command that only says that it is there, as a Node of this version would. */
async function launched(version: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'launchpad-launcher-'));
  try {
    await Promise.all(['bin', 'dist/cli'].map((name) => mkdir(path.join(directory, name), { recursive: true })));
    await symlink(launcher, path.join(directory, 'bin', 'start.cjs'));
    await writeFile(path.join(directory, 'dist', 'cli', 'index.js'), "console.log('started');");
    const versions = path.join(directory, 'version.cjs');
    const node = JSON.stringify({ ...process.versions, node: version });
    await writeFile(versions, `Object.defineProperty(process, 'versions', { value: ${node} });`);
    const args = ['--preserve-symlinks-main', '--require', versions, path.join(directory, 'bin', 'start.cjs')];
    const run = promisify(execFile)(process.execPath, args);
    return await run.then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

describe('the command in a Node that is too old', () => {
  it.each(['12.22.12', '20.20.2', '22.18.0'])('says so in one line and exits with 2: %s', async (version) => {
    const { code, stdout, stderr } = await launched(version);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(`launchpad-provision needs Node 22.19 or later, and this is Node ${version}.\n`);
  });

  it.each(['22.19.0', '24.0.0', '26.1.0'])('starts in any other: %s', async (version) => {
    expect(await launched(version)).toMatchObject({ code: 0, stdout: 'started\n' });
  });
});
