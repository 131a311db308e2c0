// Signatures of the suites whose keys ts-mls makes with @noble/curves, by node's own crypto instead: that is the
// CryptoProvider which ts-mls lets a program choose. It is a hundred times faster, and its keys are not compressed.
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto"

const curves = {
  P256: { crv: "P-256", named: "prime256v1", bytes: 32, hash: "sha256" },
  P384: { crv: "P-384", named: "secp384r1", bytes: 48, hash: "sha384" },
  P521: { crv: "P-521", named: "secp521r1", bytes: 66, hash: "sha512" },
}

const url = (bytes) => Buffer.from(bytes).toString("base64url")
const raw = (text) => new Uint8Array(Buffer.from(text, "base64url"))

/** RFC 9420 section 5.1.1: an ECDSA key is an UncompressedPointRepresentation. */
function nist({ crv, named, bytes, hash }) {
  const publicOf = (point) => {
    if (point.length !== 1 + 2 * bytes || point[0] !== 4) throw new Error("not an uncompressed point")
    const [x, y] = [point.slice(1, 1 + bytes), point.slice(1 + bytes)]
    return createPublicKey({ key: { kty: "EC", crv, x: url(x), y: url(y) }, format: "jwk" })
  }
  const privateOf = (d) => {
    // A JWK wants the point as well, and SEC 1 does not.
    const octets = Buffer.concat([Buffer.from([0x04, d.length]), d])
    const body = Buffer.concat([Buffer.from([0x02, 0x01, 0x01]), octets, oid(named)])
    return createPrivateKey({ key: Buffer.concat([Buffer.from([0x30, body.length]), body]), format: "der", type: "sec1" })
  }
  return {
    keygen: () => {
      const { privateKey } = generateKeyPairSync("ec", { namedCurve: named })
      const { d, x, y } = privateKey.export({ format: "jwk" })
      return { signKey: raw(d), publicKey: new Uint8Array([4, ...raw(x), ...raw(y)]) }
    },
    sign: async (key, message) => new Uint8Array(sign(hash, message, privateOf(key))),
    verify: async (key, message, signature) => verify(hash, message, publicOf(key), signature),
  }
}

function oid(named) {
  const ids = { prime256v1: "06082a8648ce3d030107", secp384r1: "06052b81040022", secp521r1: "06052b81040023" }
  const id = Buffer.from(ids[named], "hex")
  return Buffer.concat([Buffer.from([0xa0, id.length]), id])
}

const ed448 = {
  keygen: () => {
    const { d, x } = generateKeyPairSync("ed448").privateKey.export({ format: "jwk" })
    return { signKey: raw(d), publicKey: raw(x) }
  },
  sign: async (key, message) => {
    const head = Buffer.from("3047020100300506032b6571043b0439", "hex")
    return new Uint8Array(sign(null, message, createPrivateKey({ key: Buffer.concat([head, key]), format: "der", type: "pkcs8" })))
  },
  verify: async (key, message, signature) =>
    verify(null, message, createPublicKey({ key: { kty: "OKP", crv: "Ed448", x: url(key) }, format: "jwk" }), signature),
}

export const signatures = { P256: nist(curves.P256), P384: nist(curves.P384), P521: nist(curves.P521), Ed448: ed448 }
