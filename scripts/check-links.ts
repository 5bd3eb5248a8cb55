/**
 * Whether each link of the documents to a file of the repository, or to a heading in one, leads there, and each path in code,
 * such as `src/main.ts`, is one of the repository. Prints those that do not, each with file and line, and exits with 1.
 *
 *   node scripts/check-links.ts
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The lines outside fences; those inside are empty. */
export function proseLines(markdown: string): string[] {
  let fence = '';
  return markdown.split('\n').map((line) => {
    const [, mark = ''] = /^\s*(```+|~~~+)/.exec(line) ?? [];
    if (fence === '') fence = mark;
    else if (mark.startsWith(fence)) fence = '';
    return mark !== '' || fence !== '' ? '' : line;
  });
}

/** The anchors that GitHub gives the headings of a document. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const line of proseLines(markdown)) {
    const [, heading] = /^#{1,6}\s+(.*?)\s*#*$/.exec(line) ?? [];
    if (heading === undefined) continue;
    const text = heading.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = text.replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '').replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** The links of a document that do not lead to a file or to a heading, each with its line. */
export function brokenLinks(file: string, markdown: string, read: (file: string) => string | undefined): string[] {
  return proseLines(markdown).flatMap((line, index) => {
    const text = line.replaceAll(/`[^`]*`/g, '');
    const targets = [...text.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)|\b(?:href|src)="([^"]+)"/g)].map(
      ([, inline, html]) => inline ?? html ?? '',
    );
    return targets.flatMap((target) => {
      if (/^(?:[a-z][a-z+.-]*:|\/\/)/i.test(target)) return [];
      const [name = '', anchor] = target.split('#');
      const place = name === '' ? file : path.join(path.dirname(file), decodeURIComponent(name));
      const content = name === '' ? markdown : read(place);
      if (content === undefined) return [`${file}:${index + 1}: ${target}: there is no ${place}`];
      if (anchor === undefined || !place.endsWith('.md') || anchorsOf(content).has(anchor)) return [];
      return [`${file}:${index + 1}: ${target}: ${place} has no such heading`];
    });
  });
}

/** Folders whose files documents name: those of the source, and not what builds make. */
const SOURCES = /^(?:src|sandbox|scripts|manifests|templates|bin|docs|__tests__|\.ci|\.devcontainer)\//;

/** The paths in code of a document that the repository does not have, each with its line. */
export function missingPaths(file: string, markdown: string, exists: (file: string) => boolean): string[] {
  return proseLines(markdown).flatMap((line, index) => {
    const named = [...line.matchAll(/`([^`]+)`/g)].flatMap(([, code = '']) => code.split(/\s+/));
    const paths = named.map((word) => word.replace(/[#:].*$/, '')).filter((word) => SOURCES.test(word));
    return paths
      .filter((word) => !/[*<>{}…]/.test(word) && !exists(word))
      .map((word) => `${file}:${index + 1}: there is no ${word}`);
  });
}

if (import.meta.main) {
  const root = path.join(import.meta.dirname, '..');
  const files = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
  const read = (file: string) => {
    const place = path.join(root, file);
    if (!existsSync(place)) return undefined;
    return place.endsWith('.md') ? readFileSync(place, 'utf8') : '';
  };
  const documents = files.filter((file) => !file.startsWith('__tests__/'));
  const exists = (file: string) => existsSync(path.join(root, file));
  const broken = documents.flatMap((file) => [
    ...brokenLinks(file, read(file) ?? '', read),
    // What changed once may have been renamed since.
    ...(file === 'CHANGELOG.md' ? [] : missingPaths(file, read(file) ?? '', exists)),
  ]);
  for (const line of broken) process.stdout.write(`${line}\n`);
  if (broken.length > 0) process.exitCode = 1;
  else
    process.stdout.write(
      `The links inside ${documents.length} documents lead somewhere, and the paths in them exist.\n`,
    );
}
