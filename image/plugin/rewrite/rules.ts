/** Rules of `rewrite` as plain data: what setup makes of a Corefile and the worker runs. */

/** How a name is compared. */
export const MATCH_KINDS = ['exact', 'prefix', 'suffix', 'substring', 'regex'] as const;

/** One of the five ways. */
export type MatchKind = (typeof MATCH_KINDS)[number];

/** A test that a name passes or not. */
export interface NameMatch {
  readonly kind: MatchKind;
  /** Normalized name or part of one; for `regex` an RE2 expression that is searched in the lower-case FQDN. */
  readonly from: string;
}

/** `answer name RE TO` and `answer value RE TO`: what becomes of owners, and of names in data. */
export interface AnswerRule {
  readonly part: 'name' | 'value';
  readonly pattern: string;
  /** With `{0}` … for groups of the pattern. */
  readonly to: string;
}

/** `name`: another name is asked for. */
export interface NameRule {
  readonly kind: 'name';
  readonly match: NameMatch;
  /** What takes the place of FROM; for `regex` of the whole name, with `{0}` … for groups. */
  readonly to: string;
  /** Names in the answer are mapped back. */
  readonly auto: boolean;
  readonly answers: readonly AnswerRule[];
}

/** `type` and `class`: another one is asked for. */
export interface NumberRule {
  readonly kind: 'type' | 'class';
  readonly from: number;
  readonly to: number;
}

/** `ttl`: TTLs of the answer are raised to `minSeconds` and lowered to `maxSeconds`. */
export interface TtlRule {
  readonly kind: 'ttl';
  readonly match: NameMatch;
  readonly minSeconds: number;
  readonly maxSeconds: number;
}

/** `rcode`: one response code is said for another. */
export interface RcodeRule {
  readonly kind: 'rcode';
  readonly match: NameMatch;
  readonly from: number;
  readonly to: number;
}

/** `cname`: an alias leads elsewhere, and what is there is asked for. Both sides in lower case, final dot as written. */
export interface CnameRule {
  readonly kind: 'cname';
  readonly match: NameMatch;
  readonly to: string;
}

/** What `edns0` does with an option. */
export type EdnsAction = 'set' | 'append' | 'replace' | 'unset';

/** Data of a local option: octets, or the name of a variable with its braces. */
export type LocalData = readonly number[] | string;

/** `edns0`: options of the question. */
export type EdnsRule = {
  readonly kind: 'edns0';
  readonly action: EdnsAction;
  /** The answer shows nothing of it. */
  readonly revert: boolean;
} & (
  | { readonly option: 'local'; readonly code: number; readonly data: LocalData }
  | { readonly option: 'nsid' }
  | { readonly option: 'subnet'; readonly bits4: number; readonly bits6: number }
);

/** One `rewrite`. */
export type RewriteRule = (NameRule | NumberRule | TtlRule | RcodeRule | CnameRule | EdnsRule) & {
  /** The rules behind it are tried when this one applied. */
  readonly continues: boolean;
};
