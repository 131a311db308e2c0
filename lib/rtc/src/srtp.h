/* Session keys given directly: RFC 7714's vectors begin there. Private to the library and its tests. */
#ifndef IC_RTC_SRTP_PRIVATE_H
#define IC_RTC_SRTP_PRIVATE_H

#include <ic/rtc/srtp.h>

struct ic_rtc_srtp_session {
    struct ic_view rtp_key, rtp_salt, rtcp_key, rtcp_salt;
};
ic_err ic_rtc_srtp_new_session(enum ic_rtc_srtp_profile profile,
                               const struct ic_rtc_srtp_session *session, size_t max_ssrcs,
                               struct ic_rtc_srtp **out);
/* RFC 3711 section 4.3.1 with a key derivation rate of 0. out.len bytes for the label. */
ic_err ic_rtc_srtp_derive(struct ic_view key, struct ic_view salt, uint8_t label, uint8_t *out,
                          size_t len);

#endif
