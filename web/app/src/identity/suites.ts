// What page and worker both know of cipher suites.

/** RFC 9420: suites 1 and 3 sign by Ed25519, the others each by a curve of their own. */
export function signsAlike(a: number, b: number): boolean {
    return a === b || (a === 1 && b === 3) || (a === 3 && b === 1);
}
