using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Tests;

/// <summary>What came with answers, and what happens to requests and iterations on the way.</summary>
public sealed class AnswerTests : EmulatorFixture
{
    private static readonly Dictionary<string, string> RequestId = new() { ["X-Request-Id"] = "req-7" };

    [Test]
    public async Task ResultsSayWhatCameWithThemAndNeverInTheirJson()
    {
        using var client = Emulator.NewClient();
        await Emulator.FaultAsync(new { path = "*/Users", status = 503 });
        var page = await client.GetUsersAsync();
        var user = await client.GetUserAsync(Amelia);
        var (first, second) = (page.Response!, user.Response!);
        Assert.That((first.StatusCode, first.Attempts, second.Attempts), Is.EqualTo((HttpStatusCode.OK, 2, 1)));
        foreach (var info in new[] { first, second })
        {
            Assert.That(info.Headers["Content-Type"], Does.StartWith("application/json"));
        }

        Assert.That(JsonSerializer.Serialize(page) + JsonSerializer.Serialize(user), Does.Not.Contain("esponse"));
        Assert.That(new User().Response, Is.Null);
    }

    [Test]
    public async Task AnAnswerOfAnotherShapeNamesTheCallAndTheRequest()
    {
        using var client = Emulator.NewClient();
        await Emulator.FaultAsync(new { path = "*/Users*", status = 200, times = 3, headers = RequestId, body = new { userId = "u", enabled = "yes", data = new[] { 1 } } });
        var user = Assert.ThrowsAsync<AgglestoneResponseException>(() => client.GetUserAsync("u"))!;
        Assert.That(user.RequestId, Is.EqualTo("req-7"));
        Assert.That(user.Message, Does.StartWith("GET users/{id}: "));
        var page = Assert.ThrowsAsync<AgglestoneResponseException>(() => client.GetUsersAsync())!;
        Assert.That((page.RequestId, page.Message[..11]), Is.EqualTo(("req-7", "GET users: ")));
        var response = await client.RequestAsync(HttpMethod.Get, "api/v2.0/Users");
        Assert.That(Assert.Throws<AgglestoneResponseException>(() => response.ReadAsJson<int>())!.RequestId, Is.EqualTo("req-7"));
    }

    [Test]
    public async Task AnIterationGivesPagesAndIsTakenUpAgain()
    {
        using var client = Emulator.NewClient();
        int? next = null;
        await foreach (var page in client.IterateUsersAsync().AsPages(pageSize: 20))
        {
            next = page.NextPage;
            break;
        }

        var ids = new List<string>();
        await foreach (var page in client.IterateUsersAsync().AsPages(first: next!.Value, pageSize: 20))
        {
            ids.AddRange(page.Data.Select(user => user.UserId));
        }

        Assert.That(ids, Has.Count.EqualTo(25).And.Unique);
    }

    [Test]
    public async Task ACancelledIterationEndsBetweenTwoUsersOfAPage()
    {
        using var client = Emulator.NewClient();
        foreach (var way in Enumerable.Range(0, 3))
        {
            using var source = new CancellationTokenSource();
            var seen = 0;
            try
            {
                if (way == 0)
                {
                    foreach (var user in client.IterateUsers(cancellationToken: source.Token))
                    {
                        seen++;
                        source.Cancel();
                    }
                }

                var users = client.IterateUsersAsync(cancellationToken: way == 1 ? source.Token : default);
                await foreach (var user in users.WithCancellation(way == 2 ? source.Token : default))
                {
                    seen++;
                    source.Cancel();
                }

                Assert.Fail("not cancelled");
            }
            catch (OperationCanceledException)
            {
                Assert.That(seen, Is.EqualTo(1));
            }
        }
    }

    [Test]
    public void WithJsonAnswersAnotherRequest()
    {
        var request = new AgglestoneRequest(HttpMethod.Post, "a") { Query = { { "n", "v" } }, Headers = { { "X-A", "b" } } };
        var other = request.WithJson(new { a = 1 });
        other.Query.Add("m", "w");
        Assert.That((request.Json, request.Query.Count), Is.EqualTo(((string?)null, 1)));
        Assert.That((other.Json, other.Query.Count, other.Headers.Single().Value, other.Path), Is.EqualTo(("""{"a":1}""", 2, "b", "a")));
    }

    [Test]
    public void EmptyTextsOfAConfigurationCountAsAbsent()
    {
        var options = Emulator.Options();
        (options.UsersPath, options.CaFile, options.AppName, options.ApiKeyFile, options.SecondaryApiKeyFile) = ("", "", "", "", "");
        using var client = new AgglestoneClient(options);
        Assert.That(client.GetUsers().Data, Is.Not.Empty);
    }

    [Test]
    public void ATimeOfWholeDaysComesWithAHint()
    {
        var options = Emulator.Options();
        options.Timeout = TimeSpan.Parse("5", System.Globalization.CultureInfo.InvariantCulture);
        var problem = Assert.Throws<AgglestoneConfigurationException>(() => _ = new AgglestoneClient(options))!;
        Assert.That(problem.Message, Does.Contain("`Timeout`").And.Contain("00:00:05"));
        Assert.That(problem.Problems.Single().Option, Is.EqualTo("Timeout"));
    }
}
