import type { Objects } from './objects.ts';
import type { AccessKey } from './signature.ts';

/**
 * Which service it behaves like: AWS, DigitalOcean Spaces, or one of the others, which have less than AWS and are less
 * strict.
 */
export type Flavour = 'compatible' | 'aws' | 'spaces';

/** Faults and delays of a real service; a test may change them at any time. */
export interface Behaviour {
  /** How many HeadBucket calls do not find a bucket that exists. */
  headLags: number;
  /** How many calls of CreateBucket are answered with 409 OperationAborted first. */
  operationAborted: number;
  /** How many public policies a changed block of public access still refuses as before. */
  blockLags: number;
  /** Whether the account forbids public policies, whatever the bucket's block says. */
  accountBlocks: boolean;
  /** Whether it has versions of objects. */
  hasVersions: boolean;
  /** How many items a listing has at most. */
  pageSize: number;
  /** How many deletions an empty bucket is still not empty for. */
  emptyLags: number;
  /** Keys of objects that DeleteObjects refuses to delete: with which code and message. */
  readonly undeletable: Map<string, readonly [code: string, message: string]>;
  /** How many objects DeleteObjects fails to delete first, by an InternalError. */
  internalErrors: number;
  /**
   * Configurations that it refuses, by the word in the query, such as `cors`, or `PUT cors`: with which status and code. An
   * empty code is the answer of a proxy before it, in HTML.
   */
  readonly refusals: Map<string, readonly [status: number, code: string]>;
  /** Whether it wants Content-MD5 for every configuration. */
  wantsMd5: boolean;
  /** The grants of a bucket's ACL, as XML; undefined where it has no ACLs. */
  acl: string | undefined;
  /**
   * What somebody without a key may do beside what policies allow: list a bucket, or read its objects; or with which status
   * and code he is refused.
   */
  anonymous: 'lists' | 'reads' | readonly [status: number, code: string] | undefined;
  /** Buckets that are in another region, and in which. */
  readonly elsewhere: Map<string, string>;
}

/** Four flags of https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html, as XML. */
export interface Block {
  readonly xml: string;
  readonly blocksPolicy: boolean;
  readonly restricts: boolean;
}

export interface Bucket {
  readonly owner: string;
  /** `Enabled`, `Suspended`, or empty where it was never turned on. */
  versioning: string;
  readonly objects: Objects;
  policy?: string | undefined;
  /** The rules as they came, without the element around them. */
  cors?: string | undefined;
  block?: Block | undefined;
  /** The block that still acts, and how many public policies it is to refuse. */
  oldBlock?: { readonly block: Block | undefined; refusals: number };
}

/** What the service knows. */
export interface Service {
  readonly flavour: Flavour;
  readonly region: string;
  readonly keys: readonly AccessKey[];
  readonly buckets: Map<string, Bucket>;
  readonly behaviour: Behaviour;
}

/** What a request is about. */
export interface Target {
  readonly name: string;
  /** Path within the bucket, empty for the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
}
