import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { load } from 'js-yaml';
import { releaseNotes } from '../../scripts/release-notes.ts';

const root = path.join(import.meta.dirname, '..', '..');
const read = async (file: string) => await readFile(path.join(root, file), 'utf8');

describe('the changelog', () => {
  it('has what is new in the version of package.json, each kind of change once', async () => {
    const { version }: { version: string } = JSON.parse(await read('package.json'));
    const { date, text } = releaseNotes(await read('CHANGELOG.md'), version);
    expect(date).toMatch(/^(unreleased|\d{4}-\d{2}-\d{2})$/);
    const kinds: readonly string[] = text.match(/^### .*$/gm) ?? [];
    const known = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'].map((kind) => `### ${kind}`);
    expect(kinds).toEqual(known.filter((kind) => kinds.includes(kind)));
  });

  it('gives the notes of a release: those of its version, and of none without a date or a line', async () => {
    const changelog =
      '# Changelog\n\n## 1.1.0 - unreleased\n\n- New.\n\n## [1.0.0] - 2026-01-31\n\n### Added\n\n- First.\n\n## 0.9.0\n';
    expect(releaseNotes(changelog, '1.0.0')).toEqual({ date: '2026-01-31', text: '### Added\n\n- First.' });
    expect(releaseNotes(changelog, '1.1.0')).toEqual({ date: 'unreleased', text: '- New.' });
    expect(() => releaseNotes(changelog, '0.9.0')).toThrow('nothing is below "## 0.9.0"');
    expect(() => releaseNotes(changelog, '1.0')).toThrow('no heading "## 1.0 - <date>"');
  });

  it('is what the release workflow takes its notes from', async () => {
    const workflow = JSON.stringify(load(await read('.github/workflows/release.yml')));
    const commands = [...workflow.matchAll(/node (scripts\/[\w-]+\.ts)/g)].map(([, script]) => script);
    expect(commands).toEqual(['scripts/release-notes.ts']);
    const call = promisify(execFile)(process.execPath, [path.join(root, 'scripts/release-notes.ts'), '0.0.1']);
    await expect(call).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('no heading "## 0.0.1') });
  });
});
