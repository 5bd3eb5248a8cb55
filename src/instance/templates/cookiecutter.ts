import { globExpression } from '../../core/glob.ts';
import {
  type Answers,
  CONTEXT_FILE,
  type CookiecutterJson,
  cookiecutterContext,
  readCookiecutterJson,
} from './cookiecutter-context.ts';
import { renderJinja, type TemplateContext } from './jinja.ts';
import { renderFile, type TemplateFiles, templateError, textOfFile } from './template-files.ts';

export interface CookiecutterRequest {
  readonly template: TemplateFiles;
  /** The instance's name: the template must create a directory of this name. */
  readonly name: string;
  readonly answers: Answers;
  readonly functions: TemplateContext;
}

/** Whether the directory is a cookiecutter template. */
export function isCookiecutter({ files }: TemplateFiles): boolean {
  return files.has(CONTEXT_FILE);
}

/**
 * Renders a cookiecutter template as cookiecutter does without input (https://cookiecutter.readthedocs.io).
 *
 * @returns the files by their paths in the directory that the template creates
 * @throws LaunchpadError `template-invalid`
 */
export function renderCookiecutter(request: CookiecutterRequest): Map<string, Uint8Array> {
  const { template, name, answers, functions } = request;
  refuseHooks(template);
  const json = readCookiecutterJson(template);
  const context = { ...functions, cookiecutter: cookiecutterContext(template, json, answers, functions) };
  const render: Render = (file, text) =>
    renderFile(`${template.name}/${file}`, () => renderJinja(text, context, json.jinja));
  const root = projectDirectory(template);
  const made = render(root, root);
  if (made !== name) {
    throw templateError(
      template,
      `makes a directory ${JSON.stringify(made)}, not ${JSON.stringify(name)}`,
      'Let it name the directory by the variable instance_name.',
    );
  }
  const rendered = new Map<string, Uint8Array>();
  for (const file of [...template.files.keys()].filter((path) => path.startsWith(`${root}/`)).sort(asWalked)) {
    const source = file.slice(root.length + 1);
    const target = render(file, source);
    if (target === '' || target.endsWith('/')) continue;
    requireInside(template, file, target);
    const bytes = template.files.get(file) ?? new Uint8Array();
    rendered.set(target, isCopied(source, json.copyWithoutRender) ? bytes : content(bytes, file, json, render));
  }
  return rendered;
}

/** Hooks may change the result in any way, and do not run here. */
function refuseHooks(template: TemplateFiles): void {
  const hooks = [...template.files.keys()].filter((file) => /^hooks\/(pre_prompt|(pre|post)_gen_project)\./.test(file));
  if (hooks.length === 0) return;
  throw templateError(
    template,
    `has programs that cookiecutter would run, and that are not run here: ${hooks.join(', ')}`,
    'Remove the hooks, or commit a config.yml that was rendered with cookiecutter.',
  );
}

/** The only directory whose name is a template. */
function projectDirectory(template: TemplateFiles): string {
  const names = new Set([...template.files.keys()].flatMap((file) => (file.includes('/') ? [file.split('/')[0]] : [])));
  const found = [...names].filter(
    (name) => name?.includes('cookiecutter') && name.includes('{{') && name.includes('}}'),
  );
  const [directory, second] = found;
  if (directory !== undefined && second === undefined) return directory;
  throw templateError(
    template,
    directory === undefined
      ? 'has no directory such as {{cookiecutter.instance_slug}}'
      : `has more than one directory to render: ${found.join(', ')}`,
    'Keep the files of the instance in one directory named {{cookiecutter.instance_slug}}.',
  );
}

/** Renders a text, which is a file or the name of one. */
type Render = (file: string, text: string) => string;

function content(bytes: Uint8Array, file: string, { newLines }: CookiecutterJson, render: Render): Uint8Array {
  const text = textOfFile(bytes);
  if (text === undefined) return bytes;
  const lineEnd = newLines ?? /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
  return new TextEncoder().encode(render(file, text).replaceAll('\n', lineEnd));
}

function requireInside(template: TemplateFiles, file: string, target: string): void {
  const segments = target.split('/');
  const isInside = segments.every((segment) => !['', '.', '..'].includes(segment) && segment.toLowerCase() !== '.git');
  if (isInside && !/[\p{Cc}\\]/u.test(target)) return;
  throw templateError(
    template,
    `would write ${JSON.stringify(target)} for ${file}, which is not inside of the instance's directory`,
    'Correct the name of the file.',
  );
}

/** Whether a pattern of `_copy_without_render` matches the file or a directory above it. */
function isCopied(source: string, patterns: readonly string[]): boolean {
  const segments = source.split('/');
  const paths = segments.map((_, index) => segments.slice(0, index + 1).join('/'));
  return patterns.map(fnmatch).some((pattern) => paths.some((path) => pattern.test(path)));
}

/** Python's fnmatch: unlike a shell's, its `*` takes slashes too (https://docs.python.org/3/library/fnmatch.html). */
function fnmatch(pattern: string): RegExp {
  const parts = [''];
  for (const [sign] of pattern.matchAll(/\[!?[^\]]{1,40}\]|./gs)) {
    if (sign === '*') parts.push('');
    else parts.push(`${parts.pop()}${ofOne(sign)}`);
  }
  return globExpression(parts);
}

/** The expression of a part of a pattern that stands for one sign. */
function ofOne(part: string): string {
  if (part === '?') return '.';
  const isClass = part.startsWith('[') && part.endsWith(']') && part.length > 2;
  return isClass ? part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\') : RegExp.escape(part);
}

/** The order of cookiecutter: the files of a directory by name, then its directories. Generated passwords follow it. */
function asWalked(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  const at = left.findIndex((segment, index) => segment !== right[index]);
  if (at < 0) return 0;
  const isFile = (segments: readonly string[]) => at === segments.length - 1;
  if (isFile(left) !== isFile(right)) return isFile(left) ? -1 : 1;
  return (left[at] ?? '') < (right[at] ?? '') ? -1 : 1;
}
