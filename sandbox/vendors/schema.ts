import { Ajv } from 'ajv';
import { type Answer, type Incoming, parseJson } from './http-api.ts';

/** Why a request is not one that the vendor's document has. */
export type Problem = 'path' | 'method' | 'accept' | 'content-type' | 'body';

const STATUSES: Readonly<Record<Problem, number>> = {
  path: 404,
  method: 405,
  accept: 400,
  'content-type': 400,
  body: 400,
};

/** A request that is not one that the vendor's document has. */
export class InvalidRequest extends Error {
  readonly problem: Problem;
  readonly status: number;

  constructor(problem: Problem, message: string) {
    super(message);
    this.name = 'InvalidRequest';
    this.problem = problem;
    this.status = STATUSES[problem];
  }
}

/** The body that an operation takes. */
export interface Body<T> {
  readonly mediaTypes: readonly string[];
  readonly isValid: (value: unknown) => value is T;
  /** What is wrong with a value, in words. */
  readonly problemsOf: (value: unknown) => string;
}

/** An operation of a vendor's document. */
export interface Operation {
  readonly name: string;
  readonly method: string;
  /** Path with parameters in braces, such as `/v2/databases/{id}/users/{name}`. */
  readonly path: string;
  /** Media types that it can answer with. */
  readonly answers: readonly string[];
  /** Whether the Accept header must name one of them: no header, or a wildcard, is refused then. */
  readonly isAcceptExact?: boolean;
  /** Without it a request that has one is refused. */
  readonly body?: Body<unknown>;
}

/** An operation that takes a body, and must have it. */
export interface OperationWithBody<T> extends Operation {
  readonly body: Body<T>;
}

/** Parameters of a path by name, decoded. */
export type Parameters = Readonly<Record<string, string>>;

/** An operation with its work. */
export interface Route {
  readonly operation: Operation;
  readonly work: (parameters: Parameters, body: unknown, incoming: Incoming) => Answer | Promise<Answer>;
}

const ajv = new Ajv({ allErrors: true });

/** JSON schema of an object that takes no other fields than these. */
export function objectOf(properties: Readonly<Record<string, object>>, required: readonly string[] = []): object {
  return { type: 'object', additionalProperties: false, properties, required };
}

/** A body by its JSON schema, which must describe a `T`. */
export function bodyOf<T>(schema: object, mediaTypes: readonly string[]): Body<T> {
  const isValid = ajv.compile<T>(schema);
  return {
    mediaTypes,
    isValid,
    problemsOf: (value) => {
      isValid(value);
      return ajv.errorsText(isValid.errors, { dataVar: 'body' });
    },
  };
}

/** An operation without a body, with its work. */
export function route(operation: Operation, work: (parameters: Parameters) => Answer | Promise<Answer>): Route {
  return { operation, work };
}

/** An operation with a body, with its work, which gets the body once that is checked. */
export function routeWithBody<T>(
  operation: OperationWithBody<T>,
  work: (parameters: Parameters, body: T, incoming: Incoming) => Answer | Promise<Answer>,
): Route {
  const { isValid, problemsOf } = operation.body;
  return {
    operation,
    work: (parameters, body, incoming) => {
      if (!isValid(body)) throw new InvalidRequest('body', problemsOf(body));
      return work(parameters, body, incoming);
    },
  };
}

/** A request whose path and method the document has. */
export interface Match {
  readonly operation: Operation;
  readonly parameters: Parameters;
  /** Checks media types and body, then does the work. @throws InvalidRequest */
  run(): Promise<Answer>;
}

/** The operations of an API. Queries are not looked at: what the stand-ins do needs none. */
export class OperationTable {
  readonly #routes: readonly { readonly route: Route; readonly pattern: RegExp }[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map((item) => ({ route: item, pattern: patternOf(item.operation.path) }));
  }

  operationOf(method: string, path: string): string | undefined {
    return this.#routes.find((item) => item.route.operation.method === method && item.pattern.test(path))?.route
      .operation.name;
  }

  /** @throws InvalidRequest for a path, or for a method on a path, that the document does not have */
  match(incoming: Incoming): Match {
    const { method, path } = incoming;
    const here = this.#routes.filter(({ pattern }) => pattern.test(path));
    if (here.length === 0) throw new InvalidRequest('path', `the document has no path ${path}`);
    const found = here.find((item) => item.route.operation.method === method);
    if (found === undefined) throw new InvalidRequest('method', `the document has no ${method} of ${path}`);
    const { operation, work } = found.route;
    const parameters = parametersOf(found.pattern, path);
    return {
      operation,
      parameters,
      run: async () => {
        checkAccept(operation, incoming.headers.accept);
        return await work(parameters, readBody(operation.body, incoming), incoming);
      },
    };
  }
}

function patternOf(template: string): RegExp {
  const source = template.replaceAll('.', '\\.').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${source}$`);
}

function parametersOf(pattern: RegExp, path: string): Parameters {
  const groups = Object.entries(pattern.exec(path)?.groups ?? {});
  try {
    return Object.fromEntries(groups.map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    throw new InvalidRequest('path', `${path} is not percent-encoded`);
  }
}

/** The media types that a header names, without their parameters. */
export function mediaTypesIn(header: string | undefined): string[] {
  const names = (header ?? '').split(',').map((item) => item.replace(/;.*$/s, '').trim().toLowerCase());
  return names.filter((name) => name !== '');
}

function checkAccept({ answers, isAcceptExact = false }: Operation, header: string | undefined): void {
  const named = mediaTypesIn(header);
  const isAny = named.length === 0 || named.includes('*/*') || named.includes('application/*');
  if ((isAny && !isAcceptExact) || named.some((name) => answers.includes(name))) return;
  throw new InvalidRequest('accept', `Accept is ${header ?? 'missing'}; the answer can be ${answers.join(' or ')}`);
}

function readBody(body: Body<unknown> | undefined, { headers, text }: Incoming): unknown {
  if (body === undefined) {
    if (text !== '') throw new InvalidRequest('body', 'the operation takes no body');
    return undefined;
  }
  const [mediaType] = mediaTypesIn(headers['content-type']);
  if (mediaType === undefined || !body.mediaTypes.includes(mediaType)) {
    const expected = body.mediaTypes.join(' or ');
    throw new InvalidRequest('content-type', `Content-Type is ${mediaType ?? 'missing'}; it must be ${expected}`);
  }
  if (mediaType === 'application/x-www-form-urlencoded') return Object.fromEntries(new URLSearchParams(text));
  return parseJson(text);
}
