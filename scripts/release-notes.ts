/**
 * `node scripts/release-notes.ts 1.0.0`: prints what CHANGELOG.md says of that version, for its release. Fails where there is no
 * such heading, nothing below it, or no date in it: `## 1.0.0 - unreleased` becomes `## 1.0.0 - 2026-01-31` with the release.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** What a changelog says of a version. `date` is as it stands in the heading. @throws Error where it says nothing */
export function releaseNotes(changelog: string, version: string): { readonly date: string; readonly text: string } {
  for (const section of changelog.split(/^## /m).slice(1)) {
    const [heading = '', ...lines] = section.split('\n');
    const [, name, date = ''] = /^\[?([^\s\]]+)\]?(?: - (.+))?$/.exec(heading) ?? [];
    if (name !== version) continue;
    const text = lines.join('\n').trim();
    if (!/^- /m.test(text)) throw new Error(`CHANGELOG.md: nothing is below "## ${heading}".`);
    return { date, text };
  }
  throw new Error(`CHANGELOG.md has no heading "## ${version} - <date>".`);
}

if (process.argv[1] === import.meta.filename) {
  const [, , version = ''] = process.argv;
  const changelog = readFileSync(path.join(import.meta.dirname, '..', 'CHANGELOG.md'), 'utf8');
  const { date, text } = releaseNotes(changelog, version);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) throw new Error(`CHANGELOG.md: "## ${version} - ${date}" has no date.`);
  process.stdout.write(`${text}\n`);
}
