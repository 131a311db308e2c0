/* What breaks by itself: servers, lines, clients. Nothing that was acknowledged is lost, and the group goes on. */
#include "sim.h"

#include "store/store.h"

#include <stdio.h>
#include <string.h>

/* ---- the server dies between any two frames ---- */

static bool all_sent(struct sim *s, uint64_t count)
{
    size_t n = 0;
    for (unsigned i = 0; i < s->plan.people; i++)
        n += sim_count(s, i, IC_MEETING_EV_SENT, NULL);
    return n >= count;
}

static bool all_read(struct sim *s, uint64_t mask)
{
    char text[32];
    for (unsigned i = 0; i < 3; i++) {
        snprintf(text, sizeof text, "line of %u", i);
        for (unsigned k = 0; k < s->plan.people; k++)
            if ((mask & SIM_ONE(k)) && !sim_read(s, k, text))
                return false;
    }
    return true;
}

/* Three meet and chat, a fourth comes, one is removed; the server dies after the frame `at`. Gives
 * whether it came to that. */
static void crash_run(uint64_t at, bool unflushed, bool *crashed)
{
    char text[32];
    SIM(s, .people = 4, .hosts = 1, .seed = 5);
    s->server[0].crash_at = at;
    s->server[0].crash_unflushed = unflushed;
    for (unsigned i = 0; i < 3; i++)
        sim_start(s, i);
    CHECK(sim_agree_within(s, SIM_FIRST(3), 20000));
    for (unsigned i = 0; i < 3; i++) {
        snprintf(text, sizeof text, "line of %u", i);
        CHECK(sim_chat(s, i, text));
    }
    CHECK(sim_until(s, all_sent, 3, 10000));
    CHECK(sim_until(s, all_read, SIM_FIRST(3), 10000));
    sim_start(s, 3);
    CHECK(sim_agree_within(s, SIM_FIRST(4), 20000));
    CHECK(sim_remove(s, 0, 2));
    CHECK(sim_agree_within(s, SIM_FIRST(2) | SIM_ONE(3), 20000));
    for (unsigned i = 0; i < 3; i++)
        CHECK_EQ_INT(sim_count(s, i, IC_MEETING_EV_CHAT, NULL), 3); /* and nothing twice */
    *crashed = s->server[0].frames > at;
}

TEST(sim_server_dies_anywhere_unwritten)
{
    bool crashed = true;
    for (uint64_t at = 1; crashed && !ic_test_failed(); at++) {
        crash_run(at, true, &crashed);
        if (ic_test_failed())
            printf("the server died at frame %llu\n", (unsigned long long)at);
    }
}

TEST(sim_server_dies_anywhere_written_but_untold)
{
    bool crashed = true;
    for (uint64_t at = 1; crashed && !ic_test_failed(); at++) {
        crash_run(at, false, &crashed);
        if (ic_test_failed())
            printf("the server died at frame %llu\n", (unsigned long long)at);
    }
}

TEST(sim_disk_is_full_once)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    icd_store_fail_next_commit(s->server[0].store);
    CHECK(sim_chat(s, 1, "line of 1"));
    sim_run(s, 200);
    CHECK(sim_chat(s, 0, "line of 0") && sim_chat(s, 2, "line of 2"));
    CHECK(sim_until(s, all_read, SIM_FIRST(3), 10000));
    CHECK(sim_agree_within(s, SIM_FIRST(3), 10000));
}

/* ---- lines ---- */

TEST(sim_return_catches_up)
{
    SIM(s, .people = 4, .hosts = 1);
    sim_gather(s, 3);
    sim_hold_off(s, 2);
    CHECK(sim_await(s, 0, IC_MEETING_EV_AWAY, NULL, 1000));
    CHECK(sim_chat(s, 0, "line of 0") && sim_chat(s, 1, "line of 1"));
    sim_start(s, 3);
    sim_run(s, 5000);
    CHECK(sim_chat(s, 1, "line of 2"));
    sim_run(s, 1000);
    sim_mark(s);
    sim_dial(s, 2);
    CHECK(sim_agree_within(s, SIM_FIRST(4), 2000));
    CHECK(sim_until(s, all_read, SIM_ONE(2), 1000));
    CHECK(!sim_seen(s, 2, IC_MEETING_EV_ALERT, NULL));
    CHECK(sim_seen(s, 2, IC_MEETING_EV_JOINED, NULL));
}

TEST(sim_what_was_wanted_while_away_is_done_on_return)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    sim_hold_off(s, 0);
    CHECK(sim_remove(s, 0, 2));
    CHECK(sim_chat(s, 0, "from the train"));
    sim_run(s, 2000);
    sim_dial(s, 0);
    CHECK(sim_agree_within(s, SIM_FIRST(2), 5000));
    sim_run(s, 500);
    CHECK(sim_read(s, 1, "from the train") && !sim_read(s, 2, "from the train"));
}

TEST(sim_absent_is_removed_and_returns_by_the_lobby)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    sim_hold_off(s, 2);
    CHECK(sim_await(s, 1, IC_MEETING_EV_AWAY, NULL, 1000));
    sim_run(s, 30000);
    CHECK(sim_sees(s, 0, 2)); /* away, not gone */
    CHECK(sim_await(s, 0, IC_MEETING_EV_LEFT, "removed-by-server", 30000));
    CHECK(sim_agree_within(s, SIM_FIRST(2), 3000));
    sim_dial(s, 2);
    CHECK(sim_await(s, 0, IC_MEETING_EV_KNOCK, NULL, 3000));
    CHECK(sim_agree_within(s, SIM_FIRST(3), 5000));
}

TEST(sim_quiet_meeting_stays_well)
{
    SIM(s, .people = 5, .hosts = 1);
    sim_gather(s, 5);
    sim_run(s, 120000);
    CHECK(sim_agree(s, SIM_FIRST(5)));
    for (unsigned i = 0; i < 5; i++)
        CHECK(!sim_seen(s, i, IC_MEETING_EV_STATE, NULL) &&
              !sim_seen(s, i, IC_MEETING_EV_ALERT, NULL));
}

/* ---- clients ---- */

static ic_err frame_from(struct sim *s, unsigned from, unsigned to,
                         struct ic_meeting_media_from *seen)
{
    uint8_t sealed[256], open[256];
    size_t len, open_len;
    IC_TRY(ic_meeting_protect(ic_meeting_media(s->people[from].m), IC_MEETING_CTX_AUDIO,
                              IC_VIEW_STR("a frame of sound"), sealed, &len));
    return ic_meeting_unprotect(ic_meeting_media(s->people[to].m), ic_view(sealed, len),
                                sim_wall(&s->people[to]), open, &open_len, seen);
}

TEST(sim_restarted_sender_never_uses_a_nonce_again)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    struct ic_meeting_media_from before, after;
    CHECK_OK(frame_from(s, 2, 0, &before));
    sim_kill(s, 2);
    sim_start(s, 2);
    CHECK(sim_agree_within(s, SIM_FIRST(3), 8000));
    sim_run(s, 1000);
    CHECK_OK(frame_from(s, 2, 0, &after));
    CHECK(after.epoch != before.epoch); /* another base key: the pair cannot repeat */
    CHECK(strcmp(after.name, "Cleo") == 0);
}

TEST(sim_restarted_client_resyncs_without_the_lobby)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    uint64_t epoch = ic_meeting_epoch(s->people[0].m);
    sim_kill(s, 1);
    sim_start(s, 1);
    CHECK(sim_agree_within(s, SIM_FIRST(3), 8000));
    CHECK(ic_meeting_epoch(s->people[0].m) > epoch);
    CHECK(!sim_seen(s, 0, IC_MEETING_EV_KNOCK, NULL));
    CHECK(!sim_seen(s, 0, IC_MEETING_EV_LEFT, NULL));
    CHECK(sim_chat(s, 1, "back again"));
    sim_run(s, 500);
    CHECK(sim_read(s, 2, "back again"));
}

TEST(sim_all_clients_restart_at_once)
{
    SIM(s, .people = 4, .hosts = 1);
    sim_gather(s, 4);
    for (unsigned i = 0; i < 4; i++)
        sim_kill(s, i);
    for (unsigned i = 0; i < 4; i++)
        sim_start(s, i);
    CHECK(sim_agree_within(s, SIM_FIRST(4), 20000));
}

TEST(sim_new_keys_on_demand)
{
    SIM(s, .people = 3, .hosts = 1);
    sim_gather(s, 3);
    uint64_t epoch = ic_meeting_epoch(s->people[0].m);
    CHECK_OK(ic_meeting_update_keys(s->people[2].m, sim_wall(&s->people[2])));
    sim_pump(s, 2);
    sim_run(s, 1000);
    CHECK(sim_agree(s, SIM_FIRST(3)));
    CHECK_EQ_INT(ic_meeting_epoch(s->people[0].m), epoch + 1);
}
