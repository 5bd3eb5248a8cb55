import { messageOf } from '../../core/errors.ts';
import { parseTemplate } from './interpreter.ts';
import { TemplateProblem } from './template-files.ts';

/** Name of the function that wraps every output, with its line. */
export const OUTPUT = '__output__';

/** Statements of the interpreter, and the ends of those with a body. */
const STATEMENTS: Readonly<Record<string, string | undefined>> = {
  if: 'endif',
  for: 'endfor',
  macro: 'endmacro',
  call: 'endcall',
  filter: 'endfilter',
  set: 'endset',
  elif: undefined,
  else: undefined,
  break: undefined,
  continue: undefined,
};
const ENDS = new Set(Object.values(STATEMENTS));

/** A statement before its end. */
interface Open {
  readonly keyword: string;
  readonly line: number;
}

/**
 * Makes a template ready for the interpreter, which knows neither lines nor `raw`: each `{{ … }}` becomes a call that
 * carries its line, `raw` blocks become strings, and mistakes are found with their lines.
 *
 * @param source with `\n` as its line ends
 * @throws TemplateProblem
 */
export function prepare(source: string): string {
  const open: Open[] = [];
  let prepared = '';
  let line = 1;
  for (let at = 0; ; ) {
    const start = findTag(source, at);
    prepared += source.slice(at, start);
    line += lineEndsIn(source.slice(at, start));
    if (start === source.length) break;
    const raw = rawBlock(source, start, line);
    const end = raw?.end ?? endOfTag(source, start, line);
    const tag = source.slice(start, end);
    if (raw !== undefined) prepared += raw.output;
    else if (tag.startsWith('{{')) prepared += output(tag, line);
    else prepared += tag.startsWith('{%') ? statement(tag, line, open) : tag;
    line += lineEndsIn(tag);
    at = end;
  }
  const [unclosed] = open;
  if (unclosed !== undefined) throw new TemplateProblem(`{% ${unclosed.keyword} %} has no end`, unclosed.line);
  return prepared;
}

function lineEndsIn(text: string): number {
  return text.split('\n').length - 1;
}

function findTag(source: string, from: number): number {
  return matchFrom(/\{[{%#]/g, source, from)?.index ?? source.length;
}

/** The first match at or after an offset; a sticky pattern matches there or nowhere. */
function matchFrom(pattern: RegExp, source: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from;
  return pattern.exec(source);
}

/** The end of the tag that begins there. Strings may contain tags, and braces in an expression come in pairs. */
function endOfTag(source: string, start: number, line: number): number {
  const close = `${source[start + 1] === '{' ? '}' : source[start + 1]}}`;
  if (close === '#}') {
    const end = source.indexOf(close, start + 2);
    if (end >= 0) return end + 2;
  } else {
    let depth = 0;
    for (let at = start + 2; at < source.length; at += 1) {
      const character = source[at] ?? '';
      if (depth === 0 && source.startsWith(close, at)) return at + 2;
      if (character === '"' || character === "'") at = endOfString(source, at);
      else if (character === '{') depth += 1;
      else if (character === '}') depth -= 1;
    }
  }
  throw new TemplateProblem(`${source.slice(start, start + 2)} is not closed by ${close}`, line);
}

function endOfString(source: string, start: number): number {
  for (let at = start + 1; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === source[start]) return at;
  }
  return source.length;
}

function rawBlock(source: string, start: number, line: number): { output: string; end: number } | undefined {
  const begin = matchFrom(/\{%(-?)\s*raw\s*(-?)%\}/y, source, start);
  if (begin === null) return undefined;
  const inside = start + begin[0].length;
  const finish = matchFrom(/\{%(-?)\s*endraw\s*(-?)%\}/g, source, inside);
  if (finish === null) throw new TemplateProblem('{% raw %} has no end', line);
  let body = source.slice(inside, finish.index);
  if (begin[2] === '-') body = body.trimStart();
  if (finish[1] === '-') body = body.trimEnd();
  const text = JSON.stringify(body);
  return { output: `{{${begin[1]} ${text} ${finish[2]}}}`, end: finish.index + finish[0].length };
}

function output(tag: string, line: number): string {
  const [, before = '', expression = '', after = ''] = /^\{\{([-+]?)(.*?)([-+]?)\}\}$/s.exec(tag) ?? [];
  requireSyntax(`{{ ${expression} }}`, line);
  return `{{${stripping(before)} ${OUTPUT}(${line}, ${expression}) ${stripping(after)}}}`;
}

function statement(tag: string, line: number, open: Open[]): string {
  const [, before = '', content = '', after = ''] = /^\{%([-+]?)(.*?)([-+]?)%\}$/s.exec(tag) ?? [];
  const keyword = /^\s*(\w+)/.exec(content)?.[1] ?? '';
  if (ENDS.has(keyword)) {
    const last = open.pop();
    if (STATEMENTS[last?.keyword ?? ''] !== keyword) throw new TemplateProblem(`{% ${keyword} %} ends nothing`, line);
  } else if (!Object.hasOwn(STATEMENTS, keyword)) {
    throw new TemplateProblem(`{% ${keyword} %} is a statement that is not supported`, line);
  }
  if (keyword === 'if' || keyword === 'elif')
    requireSyntax(`{% if ${content.replace(keyword, '')} %}{% endif %}`, line);
  if (keyword === 'for') requireSyntax(`{% ${content} %}{% endfor %}`, line);
  const end = STATEMENTS[keyword];
  if (end !== undefined && !(keyword === 'set' && content.includes('='))) open.push({ keyword, line });
  return `{%${stripping(before)}${content}${stripping(after)}%}`;
}

/** `+` keeps white space, which is the default. */
function stripping(sign: string): string {
  return sign === '-' ? '-' : '';
}

function requireSyntax(text: string, line: number): void {
  try {
    parseTemplate(text, { lstrip_blocks: false, trim_blocks: false });
  } catch (error) {
    // The parser's own message names its internals when the tokens end too early.
    const isCut = error instanceof TypeError || /^Unexpected token: Close/.test(messageOf(error));
    const message = isCut ? 'the expression is not complete' : messageOf(error);
    throw new TemplateProblem(message, line);
  }
}
