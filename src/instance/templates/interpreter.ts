/**
 * The parts of @huggingface/jinja that are used here, with their types: those of the package cannot be followed by
 * TypeScript's resolution for Node, as its declarations name files without their extensions.
 */
import * as jinja from '@huggingface/jinja';
import type { TemplateValue } from './python-text.ts';

/** A node of the syntax tree. */
export interface Node {
  readonly type: string;
}

/** The names that a template can use. */
export interface Scope {
  /** Declares a name, with a plain value or a function on plain values, and gives the interpreter's own value of it. */
  set(name: string, value: unknown): TemplateValue;
}

export interface JinjaInterpreter {
  run(program: Node): TemplateValue;
  /** Evaluates a node; every other method comes back to this one for the node's parts. */
  evaluate(node: Node | undefined, scope: Scope): TemplateValue;
}

/** Whether Jinja's options `lstrip_blocks` and `trim_blocks` are on. */
export interface Whitespace {
  readonly lstrip_blocks: boolean;
  readonly trim_blocks: boolean;
}

export const NewScope: new () => Scope = jinja.Environment;
export const Interpreter: new (scope: Scope) => JinjaInterpreter = jinja.Interpreter;

/** The syntax tree of a template. @throws Error that says what is wrong with it */
export function parseTemplate(source: string, whitespace: Whitespace): Node {
  return jinja.parse(jinja.tokenize(source, whitespace));
}

/** A part of a node. */
export function partOf(node: Node | undefined, name: string): Node | undefined {
  const part: unknown = node === undefined ? undefined : Reflect.get(node, name);
  return isNode(part) ? part : undefined;
}

/** A part of a node that is a list. */
export function partsOf(node: Node | undefined, name: string): Node[] {
  const parts: unknown = node === undefined ? undefined : Reflect.get(node, name);
  return Array.isArray(parts) ? parts.filter(isNode) : [];
}

/** The name that an identifier is; empty for another node. */
export function identifierOf(node: Node | undefined): string {
  return node?.type === 'Identifier' ? String(Reflect.get(node, 'value')) : '';
}

/** A dotted name as the template writes it. */
export function pathOf(node: Node | undefined): string {
  if (node?.type !== 'MemberExpression') return identifierOf(node) || 'the value';
  const property = partOf(node, 'property');
  const name = identifierOf(property) || String(property === undefined ? '' : Reflect.get(property, 'value'));
  return `${pathOf(partOf(node, 'object'))}.${name}`;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
