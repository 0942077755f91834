using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Tests;

/// <summary>What programs do with users and pages beyond this client: caches, queues, their own answers.</summary>
public sealed class PageJsonTests : EmulatorFixture
{
    [TestCase("""{"data":[],"pageNumber":1,"pageSize":null,"totalRecords":null,"nextPage":null}""")]
    [TestCase("""{"data":[],"pageNumber":1,"pageSize":10,"nextPage":null,"totalRecords":-1}""")]
    [TestCase("""{"data":[],"pageNumber":1,"pageSize":10,"nextPage":null,"totalRecords":"230"}""")]
    [TestCase("""{"data":[],"pageNumber":1,"pageSize":10,"totalRecords":7,"nextPage":null,"totalCount":8}""")]
    public void ACountThatIsNoneIsKeptAndSpoilsNothing(string sent) =>
        Assert.That(JsonSerializer.Serialize(JsonSerializer.Deserialize<Page<User>>(sent)), Is.EqualTo(sent));

    [Test]
    public void APageWrittenHasItsNextPageAgainWhenRead()
    {
        var json = JsonSerializer.Serialize(new Page<User> { Data = [new User { UserId = "u" }], NextPage = 3 });
        var page = JsonSerializer.Deserialize<Page<User>>(json)!;
        Assert.That((page.NextPage, page.HasNextPage, page.Data.Single().UserId), Is.EqualTo(((int?)3, true, "u")));
        Assert.That(page.Extra, Is.Empty);
        // Not a page of this client's making.
        Assert.That(JsonSerializer.Deserialize<Page<User>>("""{"data": [], "nextPage": "/more"}""")!.Extra["nextPage"].GetString(), Is.EqualTo("/more"));
    }

    [Test]
    public void APageHoldsAnyType()
    {
        var page = new Page<Row> { Data = [new("a", 1), new("b", 2)], PageNumber = 1, TotalRecords = 2 };
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        var json = JsonSerializer.Serialize(page, options);
        Assert.That(json, Is.EqualTo("""{"data":[{"name":"a","size":1},{"name":"b","size":2}],"pageNumber":1,"pageSize":null,"totalRecords":2,"nextPage":null}"""));
        Assert.That(JsonSerializer.Deserialize<Page<Row>>(json, options)!.Data, Is.EqualTo(page.Data));
        Assert.That(JsonSerializer.Deserialize<Page<int>>("""{"data":[1,2]}""")!.Data, Is.EqualTo(new[] { 1, 2 }));
        Assert.That(JsonSerializer.Deserialize<Page<Page<User>>>("""{"data":[{"data":[{"id":"u"}]}]}""")!.Data[0].Data[0].UserId, Is.EqualTo("u"));
    }

    [Test]
    public void UsersAndPagesNeedNoReflection()
    {
        var page = JsonSerializer.Deserialize("""{"data":[{"userId":"u"}],"nextPage":2}""", AgglestoneJson.UserPage)!;
        Assert.That((page.Data.Single().UserId, page.NextPage), Is.EqualTo(("u", (int?)2)));
        var user = JsonSerializer.Serialize(page.Data[0], AgglestoneJson.User);
        Assert.That(JsonSerializer.Deserialize(user, AgglestoneJson.User)!.UserId, Is.EqualTo("u"));
    }

    [TestCase("")]
    [TestCase("2016-12-31T23:59:60Z")]
    [TestCase("12:30")]
    [TestCase("03/04/2024")]
    [TestCase("yesterday")]
    public void ATimeThatIsNotIso8601IsNullAndItsTextIsKept(string text)
    {
        var json = $$"""{"userId":"u","lastLoggedIn":"{{text}}"}""";
        var user = JsonSerializer.Deserialize<User>(json)!;
        Assert.That((user.LastLoggedIn, user.Extra["lastLoggedIn"].GetString()), Is.EqualTo(((System.DateTimeOffset?)null, text)));
        var written = JsonNode.Parse(JsonSerializer.Serialize(user))!.AsObject();
        Assert.That(written.Single(field => field.Key == "lastLoggedIn").Value!.GetValue<string>(), Is.EqualTo(text));
    }

    [Test]
    public async Task WhatTheLibraryReadsCanBeWrittenAndReadAsJson()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 100)) + string.Concat(Enumerable.Repeat("]", 100));
        var body = $$"""{"userId": "u", "deep": {{deep}}}""";
        await Emulator.AnswerAsync(body);
        await Emulator.AnswerAsync(body);
        using var client = Emulator.NewClient();
        var user = await client.GetUserAsync("u");
        Assert.That(JsonSerializer.Serialize(user), Does.Contain(deep));
        var response = await client.RequestAsync(HttpMethod.Get, "api/v2.0/Users/u");
        Assert.That(response.ReadAsJson<User>()!.Extra["deep"].GetRawText(), Is.EqualTo(deep));
        Assert.That(response.ReadAsJson(AgglestoneJson.User)!.Extra["deep"].GetRawText(), Is.EqualTo(deep));
        using var document = response.ReadAsJsonDocument();
        Assert.That(document.RootElement.GetProperty("deep").GetRawText(), Is.EqualTo(deep));
    }

    [Test]
    public async Task APageNumberThatNoPageCanHaveIsAResponseException()
    {
        await Emulator.AnswerAsync("""{"data": [{"userId": "u"}], "pageNumber": 2147483647, "pageSize": 1, "totalRecords": 9999999999}""");
        using var client = Emulator.NewClient();
        var problem = Assert.CatchAsync<AgglestoneException>(() => client.GetUsersAsync(int.MaxValue, 1))!;
        Assert.That(problem, Is.InstanceOf<AgglestoneResponseException>());
    }

    private sealed record Row(string Name, int Size);
}
