export const SERVICES = ['frontend', 'signing', 'certtransparency'] as const;
export type Service = (typeof SERVICES)[number];

/**
 * Who asks:
 * - a role of a signed-in person, or `nobody`, who is signed in and has none; `again` after a role is a session that is this
 *   case's alone
 * - a pre-shared key, by the kind of machine
 * - `token` with a scope of the admin API
 * - a `program` that the user has signed in
 * - one of the services, by the key that it has
 */
export type Caller =
  | 'anonymous'
  | Person
  | `${Person} again`
  | 'server'
  | 'computer'
  | `token ${string}`
  | 'program'
  | 'frontend'
  | 'writer'
  | 'reader'
  | 'eraser';

export const PEOPLE = [
  'nobody',
  'user',
  'auditor',
  'certificate_administrator',
  'system_administrator',
  'admin',
] as const;
export type Person = (typeof PEOPLE)[number];

/** A replica of the service that is in trouble or set up otherwise. */
export type Replica =
  | 'limited'
  | 'for users'
  | 'for administrators'
  | 'without templates'
  | 'without signing'
  | 'without log'
  | 'without database'
  /** Its log is another one. */
  | 'distrusting'
  /** What it asks hears it and never answers. */
  | 'unheard'
  /** Its issuer's time is over. */
  | 'expired';

/**
 * One request and what is promised about its answer. In texts `$name.member` stands for a member (or header, in small letters) of the
 * answer that was kept under that name, or of what the world provides: see {@link ContractWorld}.
 */
export interface ContractCase {
  /** `METHOD /path/{parameter}`, as in the document. */
  readonly operation: string;
  /** What is asked, as the example of it is called. */
  readonly name: string;
  /** Nobody in particular when absent. */
  readonly as?: Caller;
  readonly at?: Replica;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Instead of a body: what is sent as it is, said to be JSON. */
  readonly text?: string;
  /** Instead of the operation's own path with its parameters: what is sent as it is. */
  readonly address?: string;
  readonly status: number;
  /** Of the problem document. */
  readonly code?: string;
  /** The answer can be referred to by this name from then on. */
  readonly keep?: string;
  /** What must have happened before the request. */
  readonly given?: (world: GivenWorld, request: ContractCase) => Promise<unknown>;
  /** What puts things back. */
  readonly afterwards?: (world: GivenWorld) => Promise<unknown>;
}

/** As much of the world as cases need to prepare something. */
export interface GivenWorld {
  /** Keeps members under a name. */
  readonly keep: (name: string, members: Readonly<Record<string, unknown>>) => void;
  /** With everything that it refers to put in. */
  readonly resolve: <T>(value: T) => T;
  /** A request besides the cases, to the frontend unless another service is named; fails unless it succeeds. */
  readonly ask: (request: Omit<ContractCase, 'name' | 'status'> & { readonly service?: Service }) => Promise<void>;
  /** Has a person sign in anew. */
  readonly meet: (person: Person) => Promise<void>;
  /** A form of a page, as a signed-in person sends it. */
  readonly submit: (person: Person, path: string, form: Readonly<Record<string, string>>) => Promise<void>;
  /** The browser's part of a program's login: what the program receives is kept as the `code` of this name. */
  readonly logInProgram: (name: string) => Promise<void>;
  /** An SQL statement on the frontend's database, for what would take too long or too many requests. */
  readonly change: (statement: string) => Promise<void>;
}

/** Cases about one thing, in the order in which they are sent. */
export interface Area {
  readonly name: string;
  readonly service: Service;
  readonly cases: readonly ContractCase[];
}
