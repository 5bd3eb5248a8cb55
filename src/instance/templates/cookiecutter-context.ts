import { fieldsOf, isFields } from '../../core/fields.ts';
import { type JinjaOptions, renderJinja, type TemplateContext } from './jinja.ts';
import { renderFile, type TemplateFiles, templateError, textOfFile } from './template-files.ts';

export const CONTEXT_FILE = 'cookiecutter.json';

/** A template's `cookiecutter.json`, checked. */
export interface CookiecutterJson {
  readonly variables: ReadonlyMap<string, unknown>;
  readonly jinja: JinjaOptions;
  readonly copyWithoutRender: readonly string[];
  /** The line ends that the template asks for. */
  readonly newLines: string | undefined;
}

/** Extensions by the names of their classes: templates have what they bring without them. */
const EXTENSIONS = new Set([
  'EnvVarExtension',
  'PasswordExtension',
  'StorageExtension',
  'SlugifyExtension',
  'loopcontrols',
  'LoopControlExtension',
  'JsonifyExtension',
  'TimeExtension',
]);

/** Values for variables, in place of their defaults; others than the template's variables are ignored. */
export type Answers = ReadonlyMap<string, string>;

/** @throws LaunchpadError `template-invalid` where it needs Python */
export function readCookiecutterJson(template: TemplateFiles): CookiecutterJson {
  const wrong = (what: string, remedy: string, cause?: unknown) =>
    templateError(template, `has a ${CONTEXT_FILE} that ${what}`, remedy, cause);
  let json: unknown;
  try {
    json = JSON.parse(textOfFile(template.files.get(CONTEXT_FILE) ?? new Uint8Array()) ?? '');
  } catch (cause) {
    throw wrong('is not JSON', `Correct ${CONTEXT_FILE}.`, cause);
  }
  if (!isFields(json)) throw wrong('is not a mapping', 'Write the variables as one JSON object.');
  if ('template' in json || 'templates' in json) {
    throw wrong('only leads to other templates', 'Name the directory of one of them by input template-directory.');
  }
  const strange = listOf(json._extensions).filter((name) => !EXTENSIONS.has(name.split('.').at(-1) ?? ''));
  if (strange.length > 0) {
    throw wrong(
      `needs extensions which are Python and cannot run here: ${strange.join(', ')}`,
      'Do without them, or commit a config.yml that was rendered with cookiecutter. ' +
        'The functions env(), generate_password(), s3_host() and storage_endpoint_url() need no extension.',
    );
  }
  const { trim_blocks: trim, lstrip_blocks: lstrip, ...others } = fieldsOf(json._jinja2_env_vars);
  if (Object.keys(others).length > 0) {
    throw wrong(`sets options of Jinja that are not supported: ${Object.keys(others).join(', ')}`, 'Do without them.');
  }
  return {
    variables: new Map(Object.entries(json)),
    jinja: { trimBlocks: trim === true, lstripBlocks: lstrip === true },
    copyWithoutRender: listOf(json._copy_without_render),
    newLines: typeof json._new_lines === 'string' ? json._new_lines : undefined,
  };
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/**
 * The values of the variables, as in cookiecutter with `--no-input`: it renders the defaults in order, each with those
 * before it; takes the first of several choices; and renders mappings last. It keeps a value whose name begins with one
 * underscore, and renders one with two (https://cookiecutter.readthedocs.io/en/stable/advanced/private_variables.html).
 *
 * @param functions what the templates can call
 * @throws LaunchpadError `template-invalid`
 */
export function cookiecutterContext(
  template: TemplateFiles,
  json: CookiecutterJson,
  answers: Answers,
  functions: TemplateContext,
): Readonly<Record<string, unknown>> {
  const values = new Map<string, unknown>();
  const variables = [...json.variables].filter(([key]) => key !== '__prompts__');
  const render = (key: string, raw: unknown): unknown => {
    const context = { ...functions, cookiecutter: Object.fromEntries(values) };
    const renderText = (text: string) => renderJinja(text, context, json.jinja);
    return renderFile(`${template.name}/${CONTEXT_FILE}`, () => renderValue(raw, renderText), `${key}: `);
  };
  const isKept = (key: string) => key.startsWith('_') && !key.startsWith('__');
  for (const [key, raw] of variables) {
    if (isKept(key)) values.set(key, raw);
    else if (key.startsWith('__')) values.set(key, render(key, raw));
    else if (!isFields(raw)) {
      const value = render(key, answer(template, key, raw, answers.get(key)));
      values.set(key, Array.isArray(value) ? firstChoice(template, key, value) : value);
    }
  }
  for (const [key, raw] of variables) {
    if (isFields(raw) && !isKept(key)) values.set(key, render(key, raw));
  }
  values.set('_template', template.name);
  values.set('_checkout', template.version ?? null);
  return Object.fromEntries(values);
}

/** As cookiecutter does: booleans, null and the structure stay, all else is rendered as text. */
function renderValue(raw: unknown, render: (text: string) => string): unknown {
  if (raw === null || typeof raw === 'boolean') return raw;
  if (Array.isArray(raw)) return raw.map((item) => renderValue(item, render));
  if (isFields(raw)) {
    return Object.fromEntries(Object.entries(raw).map(([key, item]) => [render(key), renderValue(item, render)]));
  }
  return render(String(raw));
}

function firstChoice(template: TemplateFiles, key: string, choices: readonly unknown[]): unknown {
  if (choices.length > 0) return choices[0];
  throw templateError(template, `gives no choice for ${key}`, `Correct ${CONTEXT_FILE}.`);
}

/** The default, or the caller's value for it: one of the choices, or a boolean for a boolean. */
function answer(template: TemplateFiles, key: string, raw: unknown, given: string | undefined): unknown {
  if (given === undefined) return raw;
  if (typeof raw === 'boolean') return /^(1|true|t|yes|y|on)$/i.test(given);
  if (!Array.isArray(raw)) return given;
  if (raw.includes(given)) return [given, ...raw.filter((choice) => choice !== given)];
  throw templateError(
    template,
    `takes for ${key} one of ${raw.join(', ')}, not ${JSON.stringify(given)}`,
    'Choose one of them.',
  );
}
