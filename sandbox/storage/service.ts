import type { AccessKey } from './signature.ts';

/**
 * Which service it behaves like: AWS, DigitalOcean Spaces, or one of the others, which have less than AWS and are less
 * strict.
 */
export type Flavour = 'compatible' | 'aws' | 'spaces';

/** Faults and delays of a real service; a test may change them at any time. */
export interface Behaviour {
  /** Milliseconds after its creation for which HeadBucket does not find a bucket. */
  headLagsMs: number;
  /** How many calls of CreateBucket are answered with 409 OperationAborted first. */
  operationAborted: number;
  /** Milliseconds for which a changed block of public access still acts as before. */
  blockLagsMs: number;
  /** Whether the account forbids public policies, whatever the bucket's block says. */
  accountBlocks: boolean;
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
  readonly createdAt: number;
  versioning: string;
  policy?: string | undefined;
  /** The rules as they came, without the element around them. */
  cors?: string | undefined;
  block?: Block | undefined;
  /** The block that still acts, and until when. */
  oldBlock?: { readonly block: Block | undefined; readonly until: number };
}

/** What the front knows. */
export interface Service {
  readonly flavour: Flavour;
  readonly region: string;
  readonly keys: readonly AccessKey[];
  readonly buckets: Map<string, Bucket>;
  readonly behaviour: Behaviour;
  /** Address of the server that keeps the objects. */
  readonly backend: string;
}

/** What a request is about. */
export interface Target {
  readonly name: string;
  /** Path within the bucket, empty for the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
}
