/**
 * The parts of @huggingface/jinja that are used here, with types of our own: TypeScript's resolution for Node cannot
 * follow the package's declarations, which name files without their extensions.
 */
import * as jinja from '@huggingface/jinja';
import { fieldsOf, isFields } from '../../core/fields.ts';
import type { TemplateValue } from './python-text.ts';

/** A node of the syntax tree. */
export interface Node {
  readonly type: string;
}

/** The names that a template can use. */
export interface Scope {
  /** Declares a name with a plain value, or a function on plain values. Returns the interpreter's value of it. */
  set(name: string, value: unknown): TemplateValue;
}

export interface JinjaInterpreter {
  run(program: Node): TemplateValue;
  /** Evaluates a node; every other method calls this one for the node's parts. */
  evaluate(node: Node | undefined, scope: Scope): TemplateValue;
}

/** Whether Jinja's options `lstrip_blocks` and `trim_blocks` are on. */
export interface Whitespace {
  readonly lstrip_blocks: boolean;
  readonly trim_blocks: boolean;
}

export const NewScope: new () => Scope = jinja.Environment;
export const Interpreter: new (scope: Scope) => JinjaInterpreter = jinja.Interpreter;

/** The syntax tree of a template. @throws Error with the mistake in it */
export function parseTemplate(source: string, whitespace: Whitespace): Node {
  return jinja.parse(jinja.tokenize(source, whitespace));
}

/** A part of a node. */
export function partOf(node: Node | undefined, name: string): Node | undefined {
  const part = fieldsOf(node)[name];
  return isNode(part) ? part : undefined;
}

/** A part of a node that is a list. */
export function partsOf(node: Node | undefined, name: string): Node[] {
  const parts = fieldsOf(node)[name];
  return Array.isArray(parts) ? parts.filter(isNode) : [];
}

/** The name that an identifier is; empty for another node. */
export function identifierOf(node: Node | undefined): string {
  return node?.type === 'Identifier' ? String(fieldsOf(node).value) : '';
}

/** A dotted name as the template writes it. */
export function pathOf(node: Node | undefined): string {
  if (node?.type !== 'MemberExpression') return identifierOf(node) || 'the value';
  const property = partOf(node, 'property');
  const name = identifierOf(property) || String(fieldsOf(property).value ?? '');
  return `${pathOf(partOf(node, 'object'))}.${name}`;
}

function isNode(value: unknown): value is Node {
  return isFields(value) && typeof value.type === 'string';
}
