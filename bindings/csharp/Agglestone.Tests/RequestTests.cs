using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Tests;

public sealed class RequestTests : EmulatorFixture
{
    private const string Users = "api/v2.0/Users";

    private sealed record NewUser(string Email, string DisplayName);

    [Test]
    public async Task AValueIsSentAndReadInTheWebsUsualSpelling()
    {
        using var client = Emulator.NewClient();
        var request = new AgglestoneRequest(HttpMethod.Post, Users).WithJson(new NewUser("new@example.com", "Zoë"));
        var response = await client.RequestAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        Assert.That(response.ReadAsJson<NewUser>(), Is.EqualTo(new NewUser("new@example.com", "Zoë")));
        using var document = response.ReadAsJsonDocument();
        Assert.That(document.RootElement.GetProperty("displayName").GetString(), Is.EqualTo("Zoë"));
        Assert.That(response.ReadAsJson<User>()!.Email, Is.EqualTo("new@example.com"));
    }

    [Test]
    public async Task AWholePageIsReadFromAResponse()
    {
        using var client = Emulator.NewClient();
        var request = new AgglestoneRequest(HttpMethod.Get, Users) { Query = { { "pageSize", "3" }, { "pageNumber", "2" } } };
        foreach (var response in new[] { await client.RequestAsync(request), client.Request(request) })
        {
            Assert.That(response.ReadAsJson<Page<User>>()!.Data, Has.Count.EqualTo(3));
            Assert.That(response.Attempts, Is.EqualTo(1));
        }

        var queries = (await Emulator.RequestsAsync()).Select(entry => entry.GetProperty("query").GetString());
        Assert.That(queries, Is.All.EqualTo("pageSize=3&pageNumber=2"));
    }

    [Test]
    public async Task TheShortFormSendsMethodPathAndJson()
    {
        using var client = Emulator.NewClient();
        var created = await client.RequestAsync(HttpMethod.Post, Users, """{"email": "a@example.com"}""");
        var id = created.ReadAsJson<User>()!.UserId;
        var deleted = client.Request(HttpMethod.Delete, $"{Users}/{id}");
        Assert.That((deleted.StatusCode, deleted.Body.Length), Is.EqualTo((HttpStatusCode.NoContent, 0)));
        var calls = (await Emulator.RequestsAsync()).Select(entry => entry.GetProperty("method").GetString());
        Assert.That(calls, Is.EqualTo(new[] { "POST", "DELETE" }));
    }

    [Test]
    public async Task HeadersArriveAndAreFoundInAnyLetterCase()
    {
        await Emulator.FaultAsync(new { path = "*", status = 200, body = "hi", headers = new { X_Once = "1", X_Twice = new[] { "a", "b" } } });
        using var client = Emulator.NewClient();
        var response = await client.RequestAsync(HttpMethod.Get, "api/anything");
        Assert.That((response.Headers["x_once"], response.Headers["X_TWICE"]), Is.EqualTo(("1", "a, b")));
        Assert.That(response.ReadAsString(), Is.EqualTo("hi"));
        Assert.That(response.ToString(), Is.EqualTo("200 OK, 2 bytes"));
    }

    [Test]
    public async Task ABodyThatIsNotTheJsonAskedForIsAResponseException()
    {
        await Emulator.FaultAsync(new { path = "*", status = 200, body = "<html>" });
        using var client = Emulator.NewClient();
        var response = await client.RequestAsync(HttpMethod.Get, "api/anything");
        foreach (var read in new TestDelegate[] { () => response.ReadAsJson<User>(), () => response.ReadAsJsonDocument() })
        {
            var problem = Assert.Throws<AgglestoneResponseException>(read)!;
            Assert.That((problem.Code, problem.HttpStatus), Is.EqualTo((AgglestoneErrorCode.InvalidResponse, (int?)200)));
            Assert.That(problem.InnerException, Is.InstanceOf<JsonException>());
        }
    }

    [TestCase("{oops", "json")]
    public void JsonThatIsNoneIsRefused(string json, string argument)
    {
        using var client = Emulator.NewClient();
        var problem = Assert.ThrowsAsync<AgglestoneArgumentException>(() => client.RequestAsync(HttpMethod.Post, Users, json))!;
        Assert.That(problem.ParamName, Is.EqualTo(argument));
    }

    [Test]
    public void AHeaderThatIsTheClientsOwnIsRefusedWithoutALeak()
    {
        using var client = Emulator.NewClient();
        var request = new AgglestoneRequest(HttpMethod.Get, Users) { Headers = { { "X-Api-Key", "mine" } } };
        var problem = Assert.Throws<AgglestoneArgumentException>(() => client.Request(request))!;
        Assert.That(problem.ParamName, Is.EqualTo("headers"));
    }
}
