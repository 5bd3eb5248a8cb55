import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TemplateFiles } from '../../../src/instance/templates/template-files.ts';

/** Directory of the cookiecutter template that uses whatever operators' instance templates use. */
export const FIXTURE = path.join(import.meta.dirname, '..', '..', 'fixtures', 'instance-template');

/** The files of a directory, as they are read from git. */
export async function readTemplate(directory: string, name = 'instance-template'): Promise<TemplateFiles> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const file = path.join(entry.parentPath, entry.name);
        return [path.relative(directory, file), await readFile(file)] as const;
      }),
  );
  return { name, version: undefined, files: new Map(files) };
}

/** A template of these files. */
export function templateOf(files: Readonly<Record<string, string>>, name = 'instance-template'): TemplateFiles {
  const encoder = new TextEncoder();
  return {
    name,
    version: undefined,
    files: new Map(Object.entries(files).map(([file, text]) => [file, encoder.encode(text)])),
  };
}
