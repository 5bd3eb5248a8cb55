import { DEEPEST, MOST_VALUES } from '../plain-yaml.ts';
import { YamlError } from './cursor.ts';
import type { MappingNode, Node, ScalarNode } from './parser.ts';
import { type Resolution, resolveCore, resolvePyYaml, type Scalar } from './scalars.ts';

/** A value of a file. A mapping with a key that is no string is a Map. */
type YamlValue = Scalar | readonly YamlValue[] | YamlMapping | ReadonlyMap<Scalar, YamlValue>;
export interface YamlMapping {
  readonly [key: string]: YamlValue;
}

const QUOTE = 'Write the value in double quotes.';
const SMALLER = 'Keep only settings in it.';

interface Built {
  readonly value: YamlValue;
  /** Values that it stands for, aliases expanded. */
  readonly count: number;
  readonly depth: number;
}

interface Entry {
  readonly key: Scalar;
  /** The key as it is written: `yes` for true. */
  readonly text: string;
  readonly value: Node;
}

/**
 * The top-level mapping by its keys as they are written, plain scalars read as PyYAML reads YAML 1.1, or by the
 * core schema of YAML 1.2; empty for another document.
 *
 * @throws YamlError (YAML 1.1 only, but for too many values) as PyYAML does: a scalar that it cannot read, a merge of what is no mapping, a key that is a
 *   collection; and for a key that stands twice, an alias within its own value, unknown tags, too many values
 */
export function constructFields(root: Node, schema: 'pyyaml' | 'core'): YamlMapping {
  const values = new Constructor(schema);
  values.build(root);
  if (root.kind !== 'mapping') return {};
  return Object.fromEntries(values.pairs(root).map(({ text, value }) => [text, values.build(value).value]));
}

class Constructor {
  readonly #isPyYaml: boolean;
  readonly #built = new Map<Node, Built>();
  readonly #pairs = new Map<MappingNode, readonly Entry[]>();
  readonly #open = new Set<Node>();
  #merged = 0;

  constructor(schema: 'pyyaml' | 'core') {
    this.#isPyYaml = schema === 'pyyaml';
  }

  build(node: Node): Built {
    const known = this.#built.get(node);
    if (known !== undefined) return known;
    this.#enter(node);
    const built = this.#buildAnew(node);
    this.#open.delete(node);
    if (built.count > MOST_VALUES) throw this.#tooMany(node);
    if (built.depth > DEEPEST) {
      throw new YamlError(`values are nested more than ${DEEPEST} deep, aliases expanded`, SMALLER, node.offset);
    }
    this.#built.set(node, built);
    return built;
  }

  /** The pairs of a mapping, with what it merges: its own keys first count, then those of the first merged mapping. */
  pairs(node: MappingNode): readonly Entry[] {
    const known = this.#pairs.get(node);
    if (known !== undefined) return known;
    const own = new Map<string, Entry>();
    const merged = new Map<string, Entry>();
    for (const { key: keyNode, value } of node.pairs) {
      const key = this.#key(keyNode);
      if (key === 'merge') {
        for (const pair of this.#mergedPairs(value)) merged.set(identity(pair.key), pair);
        continue;
      }
      const id = identity(key.key);
      if (own.has(id) && this.#isPyYaml) {
        const name = /^\w+$/.test(key.text) ? ` ${key.text}` : '';
        const what = `the key${name} is set a second time here`;
        throw new YamlError(what, 'Keep one of the two lines.', keyNode.offset);
      }
      own.set(id, { ...key, value });
    }
    const pairs = [...new Map([...merged, ...own]).values()];
    this.#pairs.set(node, pairs);
    return pairs;
  }

  #enter(node: Node): void {
    if (this.#open.has(node)) {
      throw new YamlError('an alias is inside the value that it repeats', 'Write the value itself.', node.offset);
    }
    this.#open.add(node);
  }

  #tooMany(node: Node): YamlError {
    return new YamlError(`there are more than ${MOST_VALUES} values, aliases expanded`, SMALLER, node.offset);
  }

  #buildAnew(node: Node): Built {
    if (node.kind === 'scalar') return { value: this.#scalar(node), count: 1, depth: 1 };
    if (node.tag !== undefined && node.tag !== '!' && node.tag !== (node.kind === 'sequence' ? '!!seq' : '!!map'))
      throw unknownTag(node);
    if (node.kind === 'sequence') {
      const items = node.items.map((item) => this.build(item));
      return { value: items.map(({ value }) => value), ...extent(items) };
    }
    const pairs = this.pairs(node);
    const items = pairs.map(({ value }) => this.build(value));
    const entries = pairs.map(({ key }, index) => [key, items[index]?.value ?? null] as const);
    const named = entries.flatMap(([key, value]) => (typeof key === 'string' ? [[key, value] as const] : []));
    const value = named.length === entries.length ? Object.fromEntries(named) : new Map(entries);
    return { value, ...extent(items) };
  }

  #scalar(node: ScalarNode): Scalar {
    const resolution = this.#resolution(node);
    if (resolution !== undefined && resolution !== 'merge') return resolution.value;
    throw new YamlError('Tutor cannot read this value', QUOTE, node.offset);
  }

  #resolution(node: ScalarNode): Resolution {
    if (node.tag === '!!str' || (node.tag === undefined && node.style !== 'plain')) return { value: node.text };
    const resolution = this.#isPyYaml ? resolvePyYaml(node.text) : resolveCore(node.text);
    if (node.tag === undefined || node.tag === '!' || resolution === undefined || resolution === 'merge')
      return resolution;
    if (tagOf(resolution.value) === node.tag) return resolution;
    if (this.#isPyYaml) throw unknownTag(node);
    return { value: node.text };
  }

  #key(node: Node): { key: Scalar; text: string } | 'merge' {
    if (node.kind !== 'scalar') throw new YamlError('a key must be a text', 'Write `KEY: "value"`.', node.offset);
    const isValueKey = node.style === 'plain' && node.tag === undefined && node.text === '=';
    const resolution = isValueKey ? { value: '=' } : this.#resolution(node);
    if (resolution === 'merge') return 'merge';
    return { key: this.#scalar(isValueKey ? { ...node, style: 'quoted' as const } : node), text: node.text };
  }

  /** The pairs of a merged mapping, or of a list of them; of the same key the last one counts. */
  #mergedPairs(node: Node): readonly Entry[] {
    this.#enter(node);
    const mappings = node.kind === 'sequence' ? node.items.toReversed() : [node];
    const pairs = mappings.flatMap((mapping) => {
      if (mapping.kind !== 'mapping') {
        throw new YamlError('only mappings can be merged by <<', 'Write the keys themselves.', mapping.offset);
      }
      const merged = this.pairs(mapping);
      this.#merged += merged.length + 1;
      if (this.#merged > MOST_VALUES) throw this.#tooMany(mapping);
      return merged;
    });
    this.#open.delete(node);
    return pairs;
  }
}

function extent(items: readonly Built[]): { count: number; depth: number } {
  return items.reduce(
    ({ count, depth }, item) => ({ count: count + item.count, depth: Math.max(depth, item.depth + 1) }),
    { count: 1, depth: 1 },
  );
}

/** Equal for keys that Python takes for the same: 1, 1.0 and true; 0, -0.0 and false. */
function identity(key: Scalar): string {
  if (typeof key === 'string') return `"${key}`;
  if (typeof key === 'object') return key === null ? 'null' : key.text.replace(/\.0$/, '').replace(/^-0$/, '0');
  return typeof key === 'boolean' ? String(Number(key)) : String(key);
}

function tagOf(value: Scalar): string | undefined {
  if (value === null) return '!!null';
  if (typeof value === 'boolean') return '!!bool';
  if (typeof value === 'bigint' || Number.isInteger(value)) return '!!int';
  if (typeof value === 'number' || (typeof value === 'object' && value.kind === 'float')) return '!!float';
  return undefined;
}

function unknownTag({ offset }: Node): YamlError {
  return new YamlError('this tag is not supported here', 'Remove it, or write the value in quotes.', offset);
}
