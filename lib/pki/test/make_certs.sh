#!/bin/sh
# make_certs.sh: chains by another maker, the openssl program (3.0 or later), as certificate authorities are set up with it: key
# identifiers, policies, distribution points, RSA and PSS, names of all kinds. Prints vectors as tests/vectors/own/README.md says:
#     lib/pki/test/make_certs.sh >tests/vectors/own/x509-openssl.json
# Keys and serial numbers are new each time; valid from 2026 for a hundred years.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >ca.cnf <<'CONF'
[req]
distinguished_name = dn
string_mask = utf8only
[dn]
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always, issuer:always
[inter]
basicConstraints = critical, CA:true, pathlen:0
keyUsage = critical, digitalSignature, keyCertSign, cRLSign
extendedKeyUsage = clientAuth, 1.3.6.1.5.5.7.3.40
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always, issuer:always
certificatePolicies = 1.3.6.1.4.1.99999.1
crlDistributionPoints = URI:http://pki.ring.example/root.crl
authorityInfoAccess = caIssuers;URI:http://pki.ring.example/root.cer
nameConstraints = critical, permitted;email:ring.example, permitted;URI:ring.example, permitted;DNS:ring.example, excluded;IP:0.0.0.0/0.0.0.0, excluded;IP:0:0:0:0:0:0:0:0/0:0:0:0:0:0:0:0
[leaf]
basicConstraints = CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = 1.3.6.1.5.5.7.3.40
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always, issuer:always
certificatePolicies = 1.3.6.1.4.1.99999.1
subjectAltName = URI:im:ana@ring.example, email:ana@ring.example, DNS:ana.ring.example
[stray]
basicConstraints = CA:false
keyUsage = critical, digitalSignature
subjectAltName = email:ana@other.example
[address]
keyUsage = critical, digitalSignature
subjectAltName = email:ana@ring.example, IP:10.0.0.1
[server]
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
subjectAltName = DNS:ana.ring.example
CONF

key() { # NAME ALGORITHM [OPTION...]
    name=$1 algorithm=$2
    shift 2
    openssl genpkey -quiet -algorithm "$algorithm" "$@" -out "$name.key" 2>/dev/null ||
        openssl genpkey -algorithm "$algorithm" "$@" -out "$name.key" 2>/dev/null
}

root() { # NAME SUBJECT [OPTION...]
    name=$1 subject=$2
    shift 2
    openssl req -new -x509 -config ca.cnf -extensions root -key "$name.key" -subj "$subject" -days 36500 \
        -out "$name.pem" "$@"
}

issue() { # NAME SUBJECT ISSUER SECTION [OPTION...]: the key is NAME.key
    name=$1 subject=$2 issuer=$3 section=$4
    shift 4
    openssl req -new -config ca.cnf -key "${name%%-*}.key" -subj "$subject" -out "$name.csr"
    openssl x509 -req -in "$name.csr" -CA "$issuer.pem" -CAkey "$issuer.key" -extfile ca.cnf \
        -extensions "$section" -days 36500 -out "$name.pem" "$@" 2>/dev/null
}

der() { # NAME...: as a JSON list
    for cert in "$@"; do
        printf '%s"%s"' "${separator:-}" "$(openssl x509 -in "$cert.pem" -outform DER | base64 -w0)"
        separator=', '
    done
    separator=
}

raw_key() { # NAME BYTES: the end of the SubjectPublicKeyInfo
    openssl pkey -in "$1.key" -pubout -outform DER | tail -c "$2" | base64 -w0
}

comma=
vector() { # NAME SUITE KEY BYTES VERDICT INDEX ROOT CERT...
    printf '%s {"name": "%s", "suite": %d, "now": 2000000000, "purposes": 0, "need_purpose": false, "max_chain": 0,\n' \
        "$comma" "$1" "$2"
    printf '  "signature_key": "%s", "verdict": "%s", "index": %d,\n' "$(raw_key "$3" "$4")" "$5" "$6"
    printf '  "roots": [%s],\n' "$(der "$7")"
    shift 7
    printf '  "chain": [%s]}\n' "$(der "$@")"
    comma=,
}

key rsa RSA -pkeyopt rsa_keygen_bits:3072
key p384 EC -pkeyopt ec_paramgen_curve:P-384
key ring EC -pkeyopt ec_paramgen_curve:P-256
key ed448 ED448
key ana ED25519
key ben EC -pkeyopt ec_paramgen_curve:P-256
key cleo EC -pkeyopt ec_paramgen_curve:P-521
root rsa "/C=DE/O=Ring/CN=Ring Root RSA" -sha384
root p384 "/C=DE/O=Ring/CN=Ring Root P-384" -sha384
cp rsa.key pss.key
root pss "/C=DE/O=Ring/CN=Ring Root PSS" -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32
issue ring "/C=DE/O=Ring/CN=Ring CA" rsa inter -sha256
cp ring.pem ring-rsa.pem
issue ana "/C=DE/O=Ring/CN=Ana Äußerst" ring leaf -sha256
issue ben-stray "/CN=Ben" ring stray -sha256
issue ben-address "/CN=Ben" ring address -sha256
issue ben-server "/CN=Ben" ring server -sha256
issue ben "/O=Ring/CN=Ben" ring leaf -sha512
issue ring-pss "/C=DE/O=Ring/CN=Ring CA" pss inter -sha512 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:64
issue ring-odd "/C=DE/O=Ring/CN=Ring CA" pss inter -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20
issue ed448 "/C=DE/O=Ring/CN=Ring CA 448" p384 inter -sha384
issue cleo "/O=Ring/CN=Cleo" ed448 leaf

echo '['
vector openssl-rsa-p256-ed25519 1 ana 32 none 0 rsa ana ring-rsa
vector openssl-rsa-in-chain 1 ana 32 none 0 rsa ana ring-rsa rsa
vector openssl-rsa-p256-p256 2 ben 65 none 0 rsa ben ring-rsa
vector openssl-pss 1 ana 32 none 0 pss ana ring-pss
vector openssl-pss-other-salt 1 ana 32 signature-algorithm 1 pss ana ring-odd
vector openssl-p384-ed448-p521 5 cleo 133 none 0 p384 cleo ed448
vector openssl-other-root 1 ana 32 no-root 1 p384 ana ring-rsa
vector openssl-email-outside 2 ben 65 name-constraint 0 rsa ben-stray ring-rsa
vector openssl-address-excluded 2 ben 65 name-constraint 0 rsa ben-address ring-rsa
vector openssl-server 2 ben 65 purpose 0 rsa ben-server ring-rsa
vector openssl-wrong-key 1 ana 32 key-suite 0 rsa ben ring-rsa
echo ']'
