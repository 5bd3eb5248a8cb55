/** The syntax tree of a template. Every node has the line that it begins on, from 1. */
export type Expression = { readonly line: number } & (
  | { readonly type: 'constant'; readonly value: string | number | bigint | boolean | null }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'list' | 'tuple'; readonly items: readonly Expression[] }
  | { readonly type: 'dict'; readonly pairs: readonly (readonly [Expression, Expression])[] }
  | { readonly type: 'attribute'; readonly object: Expression; readonly name: string }
  | { readonly type: 'item'; readonly object: Expression; readonly key: Expression }
  | ({ readonly type: 'slice'; readonly object: Expression } & SliceParts)
  | { readonly type: 'call'; readonly callee: Expression; readonly args: CallArguments }
  | { readonly type: 'filter'; readonly operand: Expression; readonly name: string; readonly args: CallArguments }
  | { readonly type: 'test'; readonly operand: Expression; readonly name: string; readonly args: CallArguments }
  | { readonly type: 'unary'; readonly operator: '-' | '+' | 'not'; readonly operand: Expression }
  | {
      readonly type: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly type: 'logical'; readonly operator: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly type: 'compare'; readonly first: Expression; readonly rest: readonly Comparison[] }
  | { readonly type: 'concat'; readonly parts: readonly Expression[] }
  | Conditional
);

interface Conditional {
  readonly type: 'conditional';
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression | undefined;
}

export interface SliceParts {
  readonly start: Expression | undefined;
  readonly stop: Expression | undefined;
  readonly step: Expression | undefined;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**';
export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

export interface Comparison {
  readonly operator: ComparisonOperator;
  readonly operand: Expression;
}

export interface CallArguments {
  readonly positional: readonly Expression[];
  readonly named: readonly (readonly [string, Expression])[];
}

/** Where a value goes: a name, a tuple of targets, or an attribute of a namespace. */
export type Target =
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'attribute'; readonly object: string; readonly name: string }
  | { readonly type: 'tuple'; readonly items: readonly Target[] };

export interface Parameter {
  readonly name: string;
  readonly fallback: Expression | undefined;
}

export type Statement = { readonly line: number } & (
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'output'; readonly value: Expression }
  | { readonly type: 'if'; readonly branches: readonly Branch[]; readonly otherwise: Body }
  | ForStatement
  | { readonly type: 'set'; readonly target: Target; readonly value: Expression }
  | {
      readonly type: 'set-block';
      readonly target: Target;
      readonly body: Body;
      readonly filter: Expression | undefined;
    }
  | { readonly type: 'with'; readonly values: readonly (readonly [Target, Expression])[]; readonly body: Body }
  | { readonly type: 'filter-block'; readonly body: Body; readonly filter: Expression }
  | MacroStatement
  | { readonly type: 'call-block'; readonly call: Expression; readonly caller: Omit<MacroStatement, 'type'> }
  | { readonly type: 'now'; readonly zone: Expression; readonly format: Expression | undefined }
  | { readonly type: 'break' | 'continue' }
);

export type Body = readonly Statement[];

export interface Branch {
  readonly condition: Expression;
  readonly body: Body;
}

interface ForStatement {
  readonly type: 'for';
  readonly target: Target;
  readonly iterable: Expression;
  readonly condition: Expression | undefined;
  readonly isRecursive: boolean;
  readonly body: Body;
  readonly otherwise: Body;
}

export interface MacroStatement {
  readonly type: 'macro';
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly body: Body;
}

/** Stands for the text of a block in the filter that is applied to it. */
export const BLOCK_TEXT = ' block';

/** A dotted name as the template writes it. */
export function pathOf(expression: Expression): string {
  if (expression.type === 'name') return expression.name;
  if (expression.type === 'attribute') return `${pathOf(expression.object)}.${expression.name}`;
  if (expression.type === 'item' && expression.key.type === 'constant')
    return `${pathOf(expression.object)}.${expression.key.value}`;
  return 'the value';
}

/** The names that a macro's body uses: it only takes further arguments where it names `varargs` or `kwargs`. */
export function namesIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(namesIn);
  if (typeof node !== 'object' || node === null) return [];
  const own =
    'type' in node && node.type === 'name' && 'name' in node && typeof node.name === 'string' ? [node.name] : [];
  return [...own, ...Object.values(node).flatMap(namesIn)];
}
