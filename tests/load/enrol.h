/* People are made at an administrator's address, sign in by their invitations, and enrol with the internal CA by ACME.
 *
 *     IC_TRY(load_enrol(&plan, &result, why));
 *
 * What is measured of one person: from the request for an enrolment token to the certificate and its staple of the
 * log, about nine requests. Making people and signing in come before it, and do not count.
 */
#ifndef LOAD_ENROL_H
#define LOAD_ENROL_H

#include "people.h"

struct load_enrol_plan {
    const char *server; /* the identity service: "http://localhost:8081" */
    const char *admin;  /* token with the scope users:write */
    struct load_people *people;
    unsigned at_once;
};

struct load_enrol_result {
    size_t count;
    double seconds;
    double per_s;
    double median_ms, p99_ms;
    double clients_cpu_s;    /* of this process */
    double signatures_per_s; /* raw: the CA's algorithm on one core of this machine, in this run */
    double requests;         /* of one person */
};

/* why: 256 bytes. Any person who cannot enrol ends it: IC_ERR_DENIED. */
ic_err load_enrol(const struct load_enrol_plan *plan, struct load_enrol_result *out, char *why);

#endif
