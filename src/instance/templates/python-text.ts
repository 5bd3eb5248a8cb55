import { isFields } from '../../core/fields.ts';

/** A value of a template in the interpreter. */
export interface TemplateValue {
  /** `StringValue`, `IntegerValue`, `FloatValue`, `BooleanValue`, `NullValue`, `ArrayValue`, `ObjectValue`, … */
  readonly type: string;
  readonly value: unknown;
}

/** A value as Jinja writes it: by Python's `str`. Undefined where Jinja has no text for it, as for an undefined value. */
export function textOf({ type, value }: TemplateValue): string | undefined {
  return typeof value === 'string' ? value : represent({ type, value });
}

function represent({ type, value }: TemplateValue): string | undefined {
  if (type === 'NullValue') return 'None';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return type === 'FloatValue' && Number.isInteger(value) ? `${value}.0` : String(value);
  if (Array.isArray(value)) return `[${value.map(representItem).join(', ')}]`;
  if (value instanceof Map) {
    const pairs = [...value].map(([key, item]) => `${quote(String(key))}: ${representItem(item)}`);
    return `{${pairs.join(', ')}}`;
  }
  return undefined;
}

function representItem(item: unknown): string {
  return isTemplateValue(item) ? (represent(item) ?? '') : '';
}

function isTemplateValue(item: unknown): item is TemplateValue {
  return isFields(item) && 'value' in item && typeof item.type === 'string';
}

function quote(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return escaped.includes("'") && !escaped.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}
